// What a member is asked to agree to at the till: each for itself, nothing ticked beforehand.
import { once, part, post } from "./api.js";
import { lang, t } from "./words.js";

export const PURPOSES = ["membership", "marketing_sms", "profiling"];
const VERSION = 1; // of the words below; rises with any change of them

/** What they are shown, which is what their answer is kept with. */
export const wording = (purpose) => t(`consent.${purpose}`);

export function say(member_id, purpose, granted) {
  const body = { purpose, granted, text_id: `till.${purpose}.${lang}`, text_version: String(VERSION), text: wording(purpose), evidence: "spoken" };
  return once(`consent ${member_id} ${JSON.stringify(body)}`, (options) => post(`/api/members/${part(member_id)}/consents`, body, options));
}
