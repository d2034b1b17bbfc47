// Keeps the files of this build, so that the page works without a network.

const VERSION = __VERSION__;
const FILES = __FILES__;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(VERSION)
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((keys) => keys.filter((key) => key !== VERSION));
  event.waitUntil(others.then((keys) => Promise.all(keys.map((key) => caches.delete(key)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  // The page itself from the network first, so that a new build is seen; its files never change.
  const kept = () => caches.match(event.request, { ignoreSearch: true });
  const isPage = event.request.mode === "navigate";
  event.respondWith(
    isPage
      ? fetch(event.request).catch(() => caches.match("./"))
      : kept().then((found) => found ?? fetch(event.request)),
  );
});
