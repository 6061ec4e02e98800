// The driver's screen: shows and sounds what was paid, says when it is cut off.
import { addAll, countAnew } from "./rows.js";
import { flash, stand } from "./stage.js";
import { follow } from "./live.js";
import { offerLight, offerShift } from "./shift.js";
import { paid } from "./sound.js";

const PAID_MS = 4000;

follow({
  news: (fresh) => {
    addAll(fresh, ({ amount }, person) => flash("paid", { text: amount, person }, PAID_MS));
    paid();
  },
  connected: stand,
});
offerShift(countAnew);
offerLight();
