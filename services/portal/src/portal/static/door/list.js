// The signed list: its signature checked with the groupement's key (RFC 7515, EdDSA), then read.
export class Tampered extends Error {}

const utf8 = new TextEncoder();

// The list as signed by one of these keys; raises Tampered for anything else, and for another event's.
export async function verified(text, keys, event) {
  const [head, body, signature] = text.split(".");
  const header = readPart(head);
  const key = keys.find((each) => each.kid === header.kid && each.kty === "OKP" && each.crv === "Ed25519");
  if (!key || !["EdDSA", "Ed25519"].includes(header.alg)) {
    throw new Tampered("key");
  }
  if (!(await signedBy(key, `${head}.${body}`, signature))) {
    throw new Tampered("signature");
  }
  const list = readPart(body);
  if (list.event_id !== event) {
    throw new Tampered("event");
  }
  return list;
}

async function signedBy(key, signed, signature) {
  try {
    const jwk = { kty: key.kty, crv: key.crv, x: key.x };
    const made = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, made, bytes(signature), utf8.encode(signed));
  } catch {
    return false;
  }
}

function readPart(part) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes(part)));
  } catch {
    throw new Tampered("form");
  }
}

function bytes(text) {
  const plain = atob((text ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

// What a ticket's code becomes in the list.
export async function hashOf(code) {
  const digest = await crypto.subtle.digest("SHA-256", utf8.encode(code));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The code itself, out of what a camera or a person gives: a code, or the link of a ticket.
export function codeIn(text) {
  const from = text.lastIndexOf("code=");
  return (from < 0 ? text : text.slice(from + 5)).replaceAll(/\s/g, "").split("&")[0];
}

// Whether this is a ticket's code rather than a name begun.
export function looksLikeCode(text) {
  return text.includes("code=") || /^[\w-]{20,}$/.test(text.trim());
}

// Letters as one searches them: no accents, no capitals.
export function plain(text) {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase().trim();
}
