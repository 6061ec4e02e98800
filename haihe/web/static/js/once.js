// A form is sent once: its button sleeps and says what is happening (data-busy) until the answer or the page comes back.
const sleeping = new Map();

function wake() {
  for (const [button, text] of sleeping) {
    button.removeAttribute("aria-disabled");
    button.lastElementChild.textContent = text;
  }
  sleeping.clear();
}

addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.busy || event.defaultPrevented) return;
  if (sleeping.has(button)) {
    event.preventDefault();
    return;
  }
  sleeping.set(button, button.lastElementChild.textContent);
  button.setAttribute("aria-disabled", "true");
  button.lastElementChild.textContent = button.dataset.busy;
});
addEventListener("pageshow", wake);
