// The worker of the door: keeps the page and its parts, so that a phone opens it without the network. What people are
// called is not here: the signed list is kept by the page, in its own store, and forgotten with it.
const SHELL = "door-shell-";
const PATIENCE_MS = 4000;
const version = new URL(self.location).searchParams.get("v");
const name = SHELL + version;

self.addEventListener("install", (event) => {
  event.waitUntil(keepParts().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(page(request, url));
  } else if (isPart(url)) {
    event.respondWith(part(request, url));
  }
});

async function keepParts() {
  const { files } = await (await fetch("/porte/coquille")).json();
  await (await caches.open(name)).addAll(files);
}

async function forgetOlder() {
  const olds = (await caches.keys()).filter((each) => each.startsWith(SHELL) && each !== name);
  await carryPagesOver(olds);
  await Promise.all(olds.map((each) => caches.delete(each)));
}

// A page kept under an older version names older parts, which are about to go: it is asked afresh.
async function carryPagesOver(olds) {
  for (const old of olds) {
    for (const request of await (await caches.open(old)).keys()) {
      if (isDoor(new URL(request.url))) {
        await keepPage(new URL(request.url), await fetch(request.url).catch(() => null));
      }
    }
  }
}

// The page from the network when it answers in time; else the one kept. A query changes nothing of what is kept.
async function page(request, url) {
  const asked = fetch(request).then((answer) => {
    keepPage(url, answer.clone());
    return answer;
  });
  const kept = await (await caches.open(name)).match(url.pathname);
  return kept ? Promise.race([asked.catch(() => kept), after(PATIENCE_MS, kept)]) : asked;
}

async function keepPage(url, answer) {
  if (answer && answer.ok && !answer.redirected && isDoor(url) && namesNobody(url)) {
    await (await caches.open(name)).put(url.pathname, answer);
  }
}

async function part(request, url) {
  const kept = await (await caches.open(name)).match(request);
  if (kept) {
    return kept;
  }
  const answer = await fetch(request);
  if (answer.ok && url.pathname !== "/porte/cle") {
    (await caches.open(name)).put(request, answer.clone());
  }
  return answer;
}

function isPart(url) {
  return url.pathname.startsWith("/static/") || url.pathname.startsWith("/porte/js/") || url.pathname === "/theme.css";
}

function isDoor(url) {
  return /^\/porte\/event_[0-9a-f]+$/.test(url.pathname);
}

// A search answered without our script has names in it: it is not kept.
function namesNobody(url) {
  return [...url.searchParams.keys()].every((each) => each === "pour" || each === "lang");
}

function after(delay, answer) {
  return new Promise((resolve) => setTimeout(resolve, delay, answer));
}
