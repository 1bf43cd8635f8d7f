// The pages of one member and of two, and the form: what the list of members opens later.
import { editMember } from "./member_form.js";
import { showProfile } from "./member_profile.js";
import { showReview } from "./member_review.js";

export { editMember, showProfile, showReview };
