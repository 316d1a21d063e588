// Pages shown over the page: what stands in their [data-over], in a native dialog. Without a script they are pages.
const { palette, help, keys } = document.body.dataset;

async function fetched(address, signal) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-over]");
}

function shown(content, extra) {
  const dialog = document.createElement("dialog");
  dialog.className = extra;
  dialog.setAttribute("aria-labelledby", content.dataset.over);
  dialog.append(content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

async function openPage(address) {
  try {
    const content = await fetched(address);
    content.classList.add("dialog-inner");
    shown(content, "");
  } catch {
    location.assign(address);
  }
}

async function openPalette(address) {
  if (document.querySelector("dialog.palette-over")) {
    return;
  }
  let content;
  try {
    content = await fetched(address);
  } catch {
    location.assign(address);
    return;
  }
  const dialog = shown(content, "palette-over");
  const field = dialog.querySelector("input");
  field.focus();
  let asked = new AbortController();
  field.addEventListener("input", async () => {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    try {
      await new Promise((go) => setTimeout(go, 120));
      if (signal.aborted) {
        return;
      }
      const newer = await fetched(`${address}?q=${encodeURIComponent(field.value)}`, signal);
      dialog.querySelector("[data-results]").replaceWith(newer.querySelector("[data-results]"));
    } catch (problem) {
      if (problem.name !== "AbortError") {
        location.assign(`${address}?q=${encodeURIComponent(field.value)}`);
      }
    }
  });
  dialog.addEventListener("keydown", (event) => step(event, dialog, field));
}

// Down and up go through the results; Enter in the field follows the first one; a letter goes back to the field.
function step(event, dialog, field) {
  const links = [...dialog.querySelectorAll("[data-results] a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = at + (event.key === "ArrowDown" ? 1 : -1);
    (next < 0 ? field : links[Math.min(next, links.length - 1)] ?? field).focus();
  } else if (event.key === "Enter" && event.target === field && links.length) {
    event.preventDefault();
    links[0].click();
  } else if (at >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    field.focus();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-opens], [data-opens-palette]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) {
    return;
  }
  const dialog = document.getElementById(link.dataset.opens ?? "");
  if (dialog || link.matches("[data-opens-palette]")) {
    event.preventDefault();
    dialog ? dialog.showModal() : openPalette(palette);
  }
});

// Keys. Those of one character can be switched off at the help's page (WCAG 2.1.4), and are for outside of fields.
const GO = { a: "/", e: "/evenements", s: "/espaces", n: "/annuaire", t: "/tableau-de-bord" };
const SOON_MS = 1500;
let going = -SOON_MS;
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette(palette);
    return;
  }
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  const other = event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]");
  if (keys !== "on" || typing || other) {
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    openPage(help);
  } else if (event.key === "g") {
    going = event.timeStamp;
  } else if (GO[event.key] && event.timeStamp - going < SOON_MS) {
    location.assign(GO[event.key]);
  }
});
