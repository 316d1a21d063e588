// What the page shows: every word comes from the page itself, every name goes in as text.
import { UNDO } from "./presence.js";

const RECENT = 8;

export class View {
  constructor(root, told) {
    this.root = root;
    this.words = told.words;
    this.told = told;
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
  }

  connection({ online, waiting, signedOut }) {
    const line = this.part("connection");
    line.dataset.state = online ? "online" : "offline";
    this.part("network").textContent = online ? this.words.online : this.words.offline;
    this.part("waiting").textContent = this.#waits(waiting);
    this.part("connection-note").textContent = signedOut ? this.words.signed_out : online ? "" : this.words.offline_note;
  }

  counts(here, more) {
    if (here) {
      this.part("expected").textContent = here.expected;
      this.part("present").textContent = here.present + more;
    }
  }

  list(list) {
    this.part("list").textContent = list ? this.#say("list_made", { time: this.#clock(list.made_at) }) : this.words.list_missing;
  }

  tampered() {
    this.result({ kind: "refusal", title: this.words.list_tampered, note: this.words.list_tampered_note });
  }

  // The answer to the last deed: large, in words; with what takes it back.
  result({ kind, title, name = "", note = "", undo = null, person = "", of = "" }) {
    const card = this.part("result");
    const lines = [make("p", "door-title", title)];
    if (name) {
      lines.unshift(make("p", "door-name", name));
    }
    if (note) {
      lines.push(make("p", "note", note));
    }
    const deeds = make("div", "line-up");
    if (undo) {
      deeds.append(this.#button(this.words.undo, this.#say("undo_of", { name: name || this.words.somebody }), undo));
    }
    if (person) {
      deeds.append(this.#link(this.words.needs, person));
    }
    card.className = `door-result ${kind}`;
    swap(card, of && [of, kind, title, name, note, Boolean(undo), person], [...lines, ...(deeds.childElementCount ? [deeds] : [])]);
  }

  found(entries, presence, onPress) {
    const rows = entries.map((entry) => {
      const isIn = presence.isIn(entry);
      const word = isIn ? this.words.undo : this.words.let_in;
      const label = this.#say(isIn ? "undo_of" : "let_in_who", { name: nameOf(entry) });
      const state = isIn ? this.words.present : this.words.expected;
      return this.#row(nameOf(entry), state, this.#button(word, label, () => onPress(entry, isIn), isIn ? "" : "primary"));
    });
    swap(this.part("found"), null, rows.length ? rows : [make("li", "note", this.words.none_found)]);
  }

  forgetFound() {
    swap(this.part("found"), null, []);
  }

  // The last scans of this phone, newest first, each with what takes it back.
  recent(scans, presence, onUndo) {
    const known = (scan) => scan.walk_in || scan.outcome || presence.about(scan);
    const ins = scans.filter((s) => s.kind !== UNDO && s.state !== "refused" && known(s) && presence.lastIn(s));
    const rows = ins.slice(-RECENT).reverse().map((scan) => {
      const name = scan.name || this.words.somebody;
      const undo = this.#button(this.words.undo, this.#say("undo_of", { name }), () => onUndo(scan));
      return this.#row(name, [this.#clock(scan.time), scan.walk_in ? this.words.without_ticket : ""].filter(Boolean).join(" · "), undo);
    });
    swap(this.part("recent"), ins.map((scan) => [scan.scan_id, scan.name]), rows);
    this.part("recent-box").hidden = rows.length === 0;
  }

  // What the portal refused: somebody at the door has to look at it.
  unsettled(scans, onSettled) {
    const rows = scans.filter((scan) => scan.state === "refused").map((scan) => {
      const name = scan.name || this.words.somebody;
      const done = this.#button(this.words.settled, `${this.words.settled} : ${name}`, () => onSettled(scan));
      return this.#row(name, `${scan.sentence ?? this.words.outcomes[scan.outcome]} · ${this.#clock(scan.time)}`, done);
    });
    swap(this.part("unsettled"), null, rows);
    this.part("unsettled-box").hidden = rows.length === 0;
  }

  camera(on) {
    this.part("viewer").hidden = !on;
    this.part("scan-word").textContent = on ? this.words.camera_off : this.words.camera_on;
  }

  #waits(number) {
    if (number === 0) {
      return this.words.nothing_waits;
    }
    return number === 1 ? this.words.one_waits : this.words.many_wait.replace("{n}", number);
  }

  #row(name, note, end) {
    const row = make("li", "row");
    const about = make("div");
    about.append(make("p", "strong", name), make("p", "note", note));
    const side = make("div", "end");
    side.append(end);
    row.append(about, side);
    return row;
  }

  #button(word, label, onPress, kind = "") {
    const button = make("button", `button ${kind}`, word);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.addEventListener("click", onPress);
    return button;
  }

  #link(word, address) {
    const link = make("a", "button", word);
    link.href = address;
    return link;
  }

  #clock(instant) {
    const at = new Date(instant);
    const [hour, minute] = [at.getHours(), String(at.getMinutes()).padStart(2, "0")];
    return this.words.clock.replace("{hour}", hour).replace("{minute}", minute);
  }

  #say(name, values) {
    return Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), this.words[name]);
  }
}

// New content, unless `key` says that it is what stands there: a finger on its way to a button shall meet it. Whoever
// was on a control with the keyboard is on the same one afterwards, or on the part it went from.
function swap(part, key, nodes) {
  const written = key ? JSON.stringify(key) : "";
  if (written && part.dataset.key === written) {
    return;
  }
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  const like = (control) => held && called(control) === called(held);
  const place = held ? controls(part).filter(like).indexOf(held) : -1;
  part.dataset.key = written;
  part.replaceChildren(...nodes);
  if (held) {
    const same = controls(part).filter(like);
    part.tabIndex = -1;
    (same[place] ?? same[0] ?? part).focus({ preventScroll: true });
  }
}

function controls(part) {
  return [...part.querySelectorAll("button, a")];
}

function called(control) {
  return control.getAttribute("aria-label") ?? control.textContent;
}

export function nameOf(entry) {
  return entry.initial ? `${entry.given_name} ${entry.initial}.` : entry.given_name;
}

function make(tag, classes = "", text = "") {
  const made = document.createElement(tag);
  made.className = classes;
  made.textContent = text;
  return made;
}
