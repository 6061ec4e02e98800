// Keeps the plug's figures live. The stream begins anew when it breaks; the button rests while a rush is running.
const RETRY_MS = 1000;
const board = document.querySelector("[data-plug]");
const button = document.querySelector("[data-plug-form] button");

function show({ data, type }) {
  board.innerHTML = data; // our own template, escaped by the server
  button.disabled = type === "busy";
}

function listen() {
  const stream = new EventSource(board.dataset.plug);
  stream.addEventListener("busy", show);
  stream.addEventListener("ready", show);
  stream.addEventListener("error", () => {
    stream.close();
    setTimeout(listen, RETRY_MS);
  });
}

listen();
