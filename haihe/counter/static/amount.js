// The amount: typed or tapped in yuan; read as whole fen, or as nothing if it is no amount.
const FORM = /^(\d{1,8})(?:[.,](\d{0,2}))?$/;
const CODE_BEHIND = /^(.*?)\s*(63\d{22}|\d{18})$/; // a hand scanner types into the field that has the focus

export function fenOf(text) {
  const found = FORM.exec(text.trim());
  const fen = found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : 0;
  return fen > 0 ? fen : null;
}

export function splitCode(text) {
  const found = CODE_BEHIND.exec(text);
  return found ? { amount: found[1], code: found[2] } : { amount: text, code: "" };
}

export function offerKeys(input) {
  document.querySelector("[data-keys]").addEventListener("click", ({ target }) => {
    const key = target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    if (key === "back") input.value = input.value.slice(0, -1);
    else if (key === "clear") input.value = "";
    else input.value += key;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
