// Words that several parts of the staff section have in common.
import { Problem } from "./api.js";
import { first, locale, t } from "./words.js";

const monthFormat = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" });
export const monthText = (month) => monthFormat.format(Date.parse(`${month}-01`));

export const refusal = (problem) => (problem instanceof Problem ? first([`staff.${problem.details.why}`, `error.${problem.code}`, "error.other"]) : t("office.lost"));
