"use strict";
// What the desk's pages do beside being forms: passkeys, and asking for themselves again when there is something new.

const mark = document.body.dataset.form || "";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Form": mark },
    body: JSON.stringify(body),
  });
  const type = answer.headers.get("content-type") || "";
  const said = type.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(said.wrong || "That did not work. Try again.");
  return said;
}

function readied(options) {
  const ready = { ...options, challenge: bytes(options.challenge) };
  if (options.user) ready.user = { ...options.user, id: bytes(options.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (options[list]) ready[list] = options[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return ready;
}

function told(made) {
  const response = { clientDataJSON: text(made.response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  return { id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} };
}

const passkey = document.querySelector("#passkey");
if (passkey && window.PublicKeyCredential) {
  passkey.hidden = false;
  passkey.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = document.querySelector("#wrong");
    const { begin, end, to, kind } = passkey.dataset;
    try {
      const { options, ceremony } = await post(begin, {});
      const made = await navigator.credentials[kind]({ publicKey: readied(options) });
      const said = await post(end, { ceremony, to: to || "/", given: told(made) });
      location.assign(said.to);
    } catch (problem) {
      const stopped = problem.name === "NotAllowedError" || problem.name === "AbortError";
      wrong.textContent = stopped ? "Nothing was signed. Try again when you are ready." : problem.message;
      wrong.hidden = false;
    }
  });
} else {
  const other = document.querySelector("#other");
  if (other) other.open = true;
}

// --- live: every part of the page with data-live is taken anew; what somebody types stands outside such parts ---

const stream = document.querySelector("[data-stream]");
let asked = false;
let again = false;
let ended = false;

// Nothing moves under a finger: a button that is made anew between press and release was never pressed. And a form that
// is on its way (`sending.js`) leads to a page that is newer than this one would be.
const SENDING = 10 * 1000;
let pressing = false;
let sent = -SENDING;
let gone = false;
const on_its_way = () => performance.now() - sent < SENDING;
const busy = () => pressing || on_its_way();

function later() {
  if (again && !asked && !busy()) renew();
}

// The stream has ended for good: whoever sits here is signed out, or may not read this any more.
const LATER = 5 * 1000;
function over() {
  gone = true;
  again = true;
  later();
}

addEventListener("pointerdown", () => { pressing = true; }, { capture: true, passive: true });
for (const what of ["pointerup", "pointercancel"]) {
  addEventListener(what, () => {
    pressing = false;
    setTimeout(later, 200);
  }, { capture: true, passive: true });
}

// Another page in place of this one, which asks for nothing any more.
function instead(page) {
  ended = true;
  document.open();
  document.write(page);
  document.close();
}

// --- what somebody has typed and not sent is theirs, whatever becomes of the page ---

function typed() {
  const fields = [...document.querySelectorAll("#main form :is(textarea, input:not([type]), input[type=text])")];
  const is_new = (one) => one.form.dataset.kept !== undefined || is_unsaved(one) || one.value !== one.defaultValue;
  return fields.filter((one) => one.value.trim() && is_new(one));
}

// It stands on the page as it was sent, and was refused, or is proposed: nothing of it is saved.
const is_unsaved = (field) => field.form.dataset.unsaved !== undefined;

// What stands in a form and was not sent: what was typed, and in the long forms of a record (data-chosen) what was chosen too.
function unsent() {
  const chosen = [...document.querySelectorAll("#main form[data-chosen] :is(select, input[type=radio], input[type=checkbox])")];
  return [...typed(), ...chosen.filter((one) => is_changed(one) || (is_unsaved(one) && is_chosen(one)))];
}

function is_chosen(field) {
  return field.matches("select") ? field.value !== "" : field.checked;
}

function is_changed(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
}

// Each with its label, to be copied.
function to_copy() {
  return typed().flatMap((field, number) => {
    const id = `kept-${number + 1}`;
    const words = Object.assign(document.createElement("textarea"), {
      id, className: "govuk-textarea", rows: 5, readOnly: true, dir: "auto", textContent: field.value,
    });
    const under = field.labels[0]?.textContent.trim();
    const textContent = under ? `What you typed under "${under}", to copy` : "What you typed, to copy";
    return [Object.assign(document.createElement("label"), { className: "govuk-label", htmlFor: id, textContent }), words];
  });
}

// The page that says so, and nothing of this one but their own words.
function given_back(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  page.querySelector("#main").append(...to_copy());
  return `<!doctype html>${page.documentElement.outerHTML}`;
}

// Whoever goes by a link or by signing out is asked first, where words stand in a box; not of the one line of a search.
let leaves = false;
addEventListener("beforeunload", (event) => {
  const long = (form) => ["kept", "chosen", "unsaved"].some((name) => form.dataset[name] !== undefined);
  const longer = (one) => long(one.form) || one.matches("textarea");
  if (!ended && !leaves && unsent().some(longer)) event.preventDefault();
});

async function renew() {
  if (ended) return;
  if (asked || busy()) {
    again = true;
    return;
  }
  again = false;
  asked = true;
  const unheard = gone;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Renews": "yes" } });
    // Whoever hands a chat back has it no more before they are told that it was done: that page comes first.
    if (ended || on_its_way()) {
      again = true;
      return;
    }
    // Signed out, or it is not for whoever sits here any more: nothing of it stays on the screen but what they typed.
    if ([401, 403, 404].includes(answer.status) && (typed().length || answer.status === 404)) {
      instead(given_back(await answer.text()));
      return;
    }
    if (answer.redirected || [401, 403].includes(answer.status) || (unheard && answer.ok && !typed().length)) {
      ended = true;
      location.reload();
      return;
    }
    if (!answer.ok) {
      if (unheard) setTimeout(over, LATER);
      return;
    }
    if (unheard) listen();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (busy()) {
      again = true;
      return;
    }
    shown(fresh);
  } catch {
    // The network is away: the next message of the stream, or the next load, brings it. A stream that is over brings none.
    if (unheard) setTimeout(over, LATER);
  } finally {
    asked = false;
    later();
  }
}

function shown(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    if (now && now.innerHTML !== part.innerHTML) replaced(part, now);
  }
}

function replaced(part, now) {
  const chosen = part.value;
  const ticked = part.querySelector("input:checked")?.id;
  // What somebody has chosen stands until they choose again: the form says it if that cannot be any more.
  if (chosen && ![...now.options].some((one) => one.value === chosen)) return;
  const held = part.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
  part.innerHTML = now.innerHTML;
  if (chosen) part.value = chosen;
  if (ticked && document.getElementById(ticked)) document.getElementById(ticked).checked = true;
  for (const id of open) {
    const found = document.getElementById(id);
    if (found) found.open = true;
  }
  if (held && document.getElementById(held)) document.getElementById(held).focus();
  part.dispatchEvent(new CustomEvent("renewed", { bubbles: true }));
}

let source = null;
function listen() {
  gone = false;
  source = new EventSource(stream.dataset.stream);
  source.addEventListener("message", renew);
  source.addEventListener("gone", () => {
    source.close();
    over();
  });
}

if (stream && window.EventSource) {
  listen();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    ended = true;
    location.reload();
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(words.value || words.textContent);
    button.textContent = "Copied";
  });
}

// --- a worker with a child: a sign of them every minute while they touch the page, so that who goes away is missed ---

// Only what a hand does: a page that renews itself scrolls and sets the focus too.
let touched = Date.now();
for (const what of ["pointerdown", "keydown", "wheel", "touchmove"]) {
  addEventListener(what, () => { touched = Date.now(); }, { capture: true, passive: true });
}
// Pages that renew themselves beat too, or somebody who types for long would be signed out in the middle of it.
setInterval(() => {
  if (!document.querySelector("[data-present], [data-stream]") || Date.now() - touched > 15 * 60 * 1000) return;
  post("/here", {}).catch(() => {});
}, 60 * 1000);

// --- the end of the day: who is signed out by the length of their session is told half an hour before ---

const day = document.querySelector("#day-ends");
if (day) setTimeout(() => { day.hidden = false; }, Number(day.dataset.in) * 1000);

// --- how many texts a message costs: GSM-7 has 160 characters, anything else 70 ---

const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const TWICE = new Set("\f^{}\\[~]|€");

function texts(words) {
  let size = 0;
  for (const char of words) {
    if (GSM.has(char)) size += 1;
    else if (TWICE.has(char)) size += 2;
    else return words.length <= 70 ? 1 : Math.ceil(words.length / 67);
  }
  return size <= 160 ? 1 : Math.ceil(size / 153);
}

for (const box of document.querySelectorAll("[data-count]")) {
  const shown = document.getElementById(box.dataset.count);
  const count = () => {
    const many = texts(box.value);
    shown.textContent = box.value ? `${box.value.length} characters, ${many} ${many === 1 ? "text" : "texts"}` : "";
  };
  box.addEventListener("input", count);
  count();
}

const thread = document.querySelector("#thread");
if (thread) {
  const to_end = () => { thread.scrollTop = thread.scrollHeight; };
  // Who reads further up is left there.
  const NEAR = 40;
  let at_end = true;
  let [width, height] = [thread.clientWidth, thread.clientHeight];
  thread.addEventListener("scroll", () => {
    // A telephone that is turned moves the lines, and nobody's finger did.
    if (width === thread.clientWidth && height === thread.clientHeight)
      at_end = thread.scrollTop + thread.clientHeight > thread.scrollHeight - NEAR;
  });
  new ResizeObserver(() => {
    [width, height] = [thread.clientWidth, thread.clientHeight];
    if (at_end) to_end();
  }).observe(thread);
  thread.addEventListener("renewed", () => { if (at_end) to_end(); });
  to_end();
}
