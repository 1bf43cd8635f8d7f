// The pages of one member and of two, and the form: what the list of members opens later.
import { editMember } from "./member_form.js";
import { because, showProfile } from "./member_profile.js";
import { showReview } from "./member_review.js";

export { because, editMember, showProfile, showReview };
