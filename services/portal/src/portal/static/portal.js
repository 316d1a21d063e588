// Comfort only: every page works without it. What waits, what was refused, what htmx replaced, a code to copy.
const PATIENCE_MS = 300;
const body = document.body;
const waiting = document.querySelector(".waiting");
let patience = 0;

function sayWaiting() {
  clearTimeout(patience);
  patience = setTimeout(() => {
    waiting.textContent = waiting.dataset.waiting;
  }, PATIENCE_MS);
}

function sayNothing() {
  clearTimeout(patience);
  waiting.textContent = "";
}

function plainClick(event) {
  return !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && event.button === 0;
}

// Signing out forgets what a door has not sent yet: the door comes first.
document.addEventListener("submit", (event) => {
  const door = localStorage.getItem("door-waiting");
  if (door && event.target.getAttribute("action") === "/deconnexion") {
    event.preventDefault();
    event.stopImmediatePropagation();
    location.assign(door);
  }
}, true);

// A form leaves once, whoever presses twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") {
    return;
  }
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  sayWaiting();
}, true);

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (link && plainClick(event)) {
    const away = link.target || link.hasAttribute("download") || link.protocol === "mailto:";
    if (link.origin === location.origin && !link.hash && !away && !event.defaultPrevented && !link.matches("[data-opens], [data-opens-palette]")) {
      sayWaiting();
    }
  }
  const button = event.target.closest("[data-copies]");
  if (button) {
    const code = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(code.value);
    button.textContent = button.dataset.done;
  }
});

function freeForms() {
  body.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  body.querySelectorAll("[aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
}

function settle() {
  sayNothing();
  freeForms();
  for (const hidden of document.querySelectorAll("[data-with-script]")) {
    hidden.hidden = false;
  }
  document.querySelector("[data-error-summary]")?.focus();
}

// A page taken back from the browser's memory must not go on saying that it waits.
window.addEventListener("pageshow", settle);

// What a page asks for by itself says nothing, neither that it waits nor that it failed, and lets go of no form.
const isQuiet = (event) => event.detail.ctx?.sourceElement?.hasAttribute("data-quiet");

// Parts of a page that htmx replaces: busy while they wait, then the focus goes to what changed.
document.addEventListener("htmx:before:request", (event) => {
  if (isQuiet(event)) return;
  event.detail.ctx.target?.setAttribute("aria-busy", "true");
  sayWaiting();
});
document.addEventListener("htmx:after:swap", (event) => {
  if (isQuiet(event)) return;
  settle();
  const target = event.detail.ctx.target;
  const refused = document.querySelector("[data-error-summary]");
  if (!refused && target?.id === "contenu") {
    const title = document.querySelector("#contenu h1");
    title?.setAttribute("tabindex", "-1");
    title?.focus();
  }
});
document.addEventListener("htmx:error", (event) => {
  if (isQuiet(event)) return;
  freeForms();
  clearTimeout(patience);
  waiting.textContent = waiting.dataset.away;
});

// A region replaces itself only for its own address: a link that leads elsewhere, a form that changes something, are plain.
document.addEventListener("htmx:before:init", (event) => {
  const one = event.target;
  const elsewhere = new URL(one.href ?? one.action, location.href).pathname !== location.pathname;
  if (one.closest(".region") && !one.hasAttribute("data-hx-boost") && (elsewhere || one.method === "post")) {
    event.preventDefault();
  }
});
