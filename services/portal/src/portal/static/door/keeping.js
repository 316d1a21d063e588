// What makes the page stay: the worker that keeps it, and what other pages must know of it.

// For when there is no network: the worker keeps the page's parts, and a first copy of the page itself goes to it.
export async function keepForLater({ worker, version, page, in_whose_name: name }, root) {
  if (!("serviceWorker" in navigator) || !navigator.onLine) {
    return;
  }
  await navigator.serviceWorker.register(`${worker}?v=${version}`, { scope: "/porte/" });
  await navigator.serviceWorker.ready;
  const answer = await fetch(`${page}?pour=${name}`);
  if (answer.ok && !answer.redirected) {
    await (await caches.open(`door-shell-${version}`)).put(page, answer);
  }
  root.dataset.kept = "yes";
}

// Whoever signs out on another page while scans wait is led back to this door first: signing out forgets them.
export function rememberWaiting({ page, in_whose_name: name }, waiting) {
  if (waiting > 0) {
    localStorage.setItem("door-waiting", `${page}?pour=${name}`);
  } else {
    localStorage.removeItem("door-waiting");
  }
}
