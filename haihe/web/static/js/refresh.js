// Keeps figures fresh: fetches the page again every few seconds (data-refresh) and takes over the parts marked so.
const every = Math.max(...[...document.querySelectorAll("[data-refresh]")].map((part) => Number(part.dataset.refresh) || 0));

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-refresh]");
  document.querySelectorAll("[data-refresh]").forEach((part, place) => {
    if (part.isEqualNode(fresh[place]) || part.contains(document.activeElement)) return;
    part.replaceChildren(...fresh[place].childNodes);
  });
}

if (every > 0) setInterval(refresh, every * 1000);
