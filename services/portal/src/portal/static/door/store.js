// What this phone keeps, in IndexedDB: the signed list of each event, the scans still to send or to settle, its own name.
const NAME = "door";
const STORES = { lists: "event", scans: "scan_id", device: "key" };

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) {
        asked.result.createObjectStore(store, { keyPath });
      }
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function on(store, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const asked = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

const get = (store, key) => on(store, "readonly", (s) => s.get(key));
const all = (store) => on(store, "readonly", (s) => s.getAll());
const put = (store, value) => on(store, "readwrite", (s) => s.put(value));
const remove = (store, key) => on(store, "readwrite", (s) => s.delete(key));

export const readList = (event) => get("lists", event);
export const keepList = (list) => put("lists", list);
export const forgetList = (event) => remove("lists", event);

export const keepScan = (scan) => put("scans", scan);
export const forgetScan = (scanId) => remove("scans", scanId);

// The scans of one event, in the order they were made.
export async function scansOf(event) {
  const mine = (await all("scans")).filter((scan) => scan.event === event);
  return mine.sort((a, b) => a.time.localeCompare(b.time) || a.scan_id.localeCompare(b.scan_id));
}

// Lists of events that are over go, whichever page is opened; scans stay until they are sent.
export async function forgetWhatIsOver(now) {
  for (const list of await all("lists")) {
    if (Date.parse(list.until) < now) {
      await forgetList(list.event);
    }
  }
  for (const scan of await all("scans")) {
    if (scan.state === "done" && Date.parse(scan.until) < now) {
      await forgetScan(scan.scan_id);
    }
  }
}

// This phone's own name: made once, says nothing of whose phone it is.
export async function deviceId() {
  const kept = await get("device", "id");
  if (kept) {
    return kept.value;
  }
  const value = newId("device");
  await put("device", { key: "id", value });
  return value;
}

export function newId(noun) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `${noun}_${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
