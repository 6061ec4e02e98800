// Keeps the shell and the offline pages, never a page with someone's data. The server puts SHELL before this line.
const { cache, files } = self.SHELL;
const LANGUAGES = ["zh", "en", "ru"];
const offlinePage = (language) => `/offline?lang=${language}`;

async function keep() {
  const store = await caches.open(cache);
  await store.addAll(files);
  await Promise.all(LANGUAGES.map(async (language) => {
    const page = await fetch(offlinePage(language), { credentials: "omit", cache: "no-cache" });
    if (page.ok) await store.put(offlinePage(language), page);
  }));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== cache).map((name) => caches.delete(name)));
  await clients.claim();
}

async function navigate(request) {
  const store = await caches.open(cache);
  try {
    const page = await fetch(request);
    const language = page.headers.get("Content-Language");
    if (LANGUAGES.includes(language)) await store.put("/spoken", new Response(language));
    return page;
  } catch {
    const spoken = await (await store.match("/spoken"))?.text();
    return (await store.match(offlinePage(spoken ?? "en"))) ?? Response.error();
  }
}

addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(request));
  else if (files.includes(url.pathname)) event.respondWith(caches.match(request).then((hit) => hit ?? fetch(request)));
});
