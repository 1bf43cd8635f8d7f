// A coupon that was shown as a code, scanned or typed: it works on the bag at once, and is taken off again.
import { put } from "./api.js";
import { bag, change, remember } from "./bag.js";
import { accepted } from "./sound.js";
import { toast } from "./toast.js";
import { t } from "./words.js";

export async function showCoupon(code) {
  const { basket_id, coupons, total } = bag.view;
  const send = (wanted) => (mine) => put("/api/till/coupon", { basket_id: mine, code, wanted });
  if (!(await change(() => send(true)(basket_id))) || basket_id !== bag.view.basket_id) return;
  accepted();
  if (bag.view.coupons.length > coupons.length) remember({ back: send(false), at: Date.now() }, t(bag.view.total.minor < total.minor ? "coupon.taken" : "coupon.waits"));
  else toast(t("coupon.there"), { label: t("reward.off"), test: "coupon-off", action: () => change(() => send(false)(basket_id)) });
}
