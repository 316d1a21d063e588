// Comfort only: every page works without it. Says when an answer takes time, copies a code, sends a form once.
const PATIENCE_MS = 300;
const body = document.body;
const waiting = document.querySelector("[data-waiting]");

function sayWaiting() {
  return setTimeout(() => {
    waiting.textContent = waiting.dataset.waiting;
  }, PATIENCE_MS);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
  sayWaiting();
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (link && plain && link.origin === location.origin && !link.hash && !link.target) {
    sayWaiting();
  }
  const button = event.target.closest("[data-copies]");
  if (button) {
    const code = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(code.value);
    button.textContent = button.dataset.done;
  }
});

// A page taken back from the browser's memory must not go on saying that it waits.
window.addEventListener("pageshow", () => {
  waiting.textContent = "";
  body.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  body.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});

const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
}
for (const hidden of document.querySelectorAll("[data-with-script]")) {
  hidden.hidden = false;
}
