// Sends a chosen file of readings part by part, as the page sends pasted lines, and puts the outcomes one below the other.
const LINES = 1000; // a part; about 40 kB of what may be 64
const form = document.querySelector("[data-list]");
const chooser = form.querySelector("input[type=file]");
const outcome = document.querySelector("[data-outcome]");

async function send(lines, firstLine) {
  const body = new URLSearchParams(new FormData(form));
  body.set("list", lines.join("\n"));
  body.set("first_line", String(firstLine));
  const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-part]") ?? page.querySelector("main");
}

form.querySelector("[data-file]").hidden = false;
form.addEventListener("submit", async (event) => {
  const [file] = chooser.files;
  if (!file) return;
  event.preventDefault();
  const lines = (await file.text()).split(/\r\n|\n|\r/);
  outcome.replaceChildren();
  for (let start = 0; start < lines.length; start += LINES) {
    outcome.append(await send(lines.slice(start, start + LINES), start + 1));
  }
  chooser.value = "";
});
