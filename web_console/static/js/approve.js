// Four eyes: what the gateway will not do for this person alone, somebody else approves in place.
import { Problem } from "./api.js";

/**
 * Carries out `send()`; when the gateway asks for an approval, opens the sheet for the approver's PIN and sends
 * again as `send(approval)`, which belongs into the request's body. Who is signed on stays so. Answers what `send`
 * answers, or null when nobody approved; throws what `send` throws. `reason`: when the page has asked for one already.
 */
export async function approved(right, send, { reason = "" } = {}) {
  try {
    return await send();
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== "approval_needed") throw problem;
    const { ask } = await import("./approval.js");
    return ask({ right: problem.details.right ?? right, roles: problem.details.roles, approvers: problem.details.approvers, send, reason });
  }
}
