"use strict";
// How the desk's forms leave: once for two presses, and those with data-kept by hand, so that the page stays and with it
// whatever else somebody has typed on it. Comes after `desk.js`, which takes the parts of the page anew.

const UNSENT =
  "Not done yet. What you put into another form on this page is not saved, and this would lose it. Save that first, or press again.";
let warned = null;
let last = null;
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  const body = new URLSearchParams(new FormData(form));
  const now = performance.now();
  // A second press of the same button, with the same in the form, is the same wish.
  if (last && last.form === form && last.said === `${body}` && now < last.until) {
    event.preventDefault();
    return;
  }
  // It leads to another page, and what stands in another form of this one would be gone: whoever presses again has read so.
  const goes = form.dataset.kept === undefined && form.closest("#main") !== null;
  if (goes && form !== warned && unsent().some((one) => one.form !== form)) {
    event.preventDefault();
    warned = form;
    tell(form, "desk-wrong", "alert", UNSENT);
    return;
  }
  leaves = goes;
  last = { form, said: `${body}`, until: now + SENDING };
  sent = now;
  if (form.dataset.kept !== undefined) {
    event.preventDefault();
    line.push(taken(form, body, last));
    carry();
  }
  // The network was away, and the page still stands.
  setTimeout(() => { leaves = false; later(); }, SENDING + 100);
});

// --- a form with data-kept is sent by hand ---

const line = [];
const DOUBLE = 1000;
const LOST = "No answer came, so it may not have been done. What you typed is still here. Look before you try again.";

class Refused extends Error {}

// What was in the form leaves it at once, so that the next words can be typed while these are on their way.
function taken(form, body, press) {
  const fields = [...form.elements].filter((one) => one.name && one.type !== "hidden");
  const was = fields.map((field) => ({ field, value: field.type === "radio" ? field.checked : field.value }));
  for (const { field } of was) put(field, field.type === "radio" ? false : "");
  const words = was.filter(({ field }) => is_written(field)).map(({ value }) => value.trim());
  const told = tell(form, "govuk-hint", "status", ["On its way", ...words.filter(Boolean)].join(": "));
  told.dataset.away = "";
  form.querySelector("[data-count]")?.focus();
  return { form, body, press, was, told };
}

const is_written = (field) => field.matches("textarea, input:not([type=radio])");
const together = (first, then) => [first, then].filter((one) => one.trim()).join("\n");

function put(field, value) {
  if (field.type === "radio") field.checked = value;
  else field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// Before whatever was typed since: it was said first.
function put_back({ was, told }) {
  told.remove();
  for (const { field, value } of was) {
    if (is_written(field)) put(field, together(value, field.value));
    else if (field.type !== "radio" ? !field.value : !field.form.querySelector(`[name=${field.name}]:checked`)) put(field, value);
  }
}

// What was said of an earlier press; not of words that are still on their way, nor what went wrong elsewhere.
function hush(form) {
  for (const said of document.querySelectorAll("form [role=status]:not([data-away])")) said.remove();
  form.querySelector("[role=alert]")?.remove();
}

function tell(form, className, role, words) {
  const told = Object.assign(document.createElement("p"), { className, role, dir: "auto", textContent: words });
  hush(form);
  form.querySelector("button").before(told);
  return told;
}

// One after the other, as they were written; what stands behind one that did not arrive is given back with it.
async function carry() {
  if (line.length > 1) return;
  while (line.length) {
    const [one] = line;
    try {
      await carried(one);
      line.shift();
    } catch (problem) {
      for (const each of line.splice(0).reverse()) put_back(each);
      last = null;
      tell(one.form, "desk-wrong", "alert", problem instanceof Refused ? problem.message : LOST);
    }
  }
  sent = -SENDING;
  later();
}

async function carried(one) {
  const { form, body } = one;
  const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(2 * SENDING) });
  const page = await answer.text();
  const fresh = new DOMParser().parseFromString(page, "text/html");
  if (answer.redirected && answer.ok) {
    const has_box = (one) => one.querySelector("#text") !== null;
    const is_here = new URL(answer.url).pathname === location.pathname && has_box(fresh) === has_box(document);
    if (is_here) done(answer.url, fresh, one);
    else left(answer.url, fresh);
  } else if ([401, 403, 404].includes(answer.status)) {
    for (const behind of line.splice(1).reverse()) put_back(behind);
    instead(given_back(page));
  } else {
    const said = [...fresh.querySelectorAll("#main h1, #main > p")].filter((one) => !one.querySelector("a"));
    throw new Refused(said.map((one) => one.textContent.trim().replace(/[^.]$/, "$&.")).join(" ") || LOST);
  }
}

// It was done, and leads elsewhere: a page that took itself anew until that one is here would be in its way. Whoever has typed
// more takes it along first.
function left(url, fresh) {
  ended = true;
  const words = to_copy();
  if (!words.length) {
    location.assign(url);
    return;
  }
  const on = Object.assign(document.createElement("a"), { className: "govuk-link", href: url, textContent: "Go on" });
  const way = Object.assign(document.createElement("p"), { className: "govuk-body" });
  way.append(on);
  document.querySelector("#main").replaceChildren(...fresh.querySelectorAll("#done"), ...words, way);
  document.querySelector("#done")?.focus();
}

// It was done, and this page stays.
function done(url, fresh, { form, told, press }) {
  press.until = performance.now() + DOUBLE;
  history.replaceState(null, "", url);
  // What was asked for before this was done is older than it.
  again = again || asked || pressing;
  if (!pressing) shown(fresh);
  // What is begun from here is begun on the page as it is; what stands in another box was typed before.
  for (const one of document.querySelectorAll("[name=stop]"))
    if (one.form === form || !one.form.querySelector("textarea")?.value) one.value = fresh.querySelector("[name=stop]")?.value || "";
  const said = fresh.querySelector("#done");
  document.querySelector("#done")?.remove();
  hush(form);
  delete told.dataset.away;
  told.textContent = said?.textContent || "";
  if (said && !form.isConnected) {
    document.querySelector("#main").prepend(said);
    said.focus();
  }
  const [draft, box] = [fresh.querySelector("#text")?.value, document.querySelector("#text")];
  if (draft) {
    put(box, together(draft, box.value));
    box.focus();
  }
}
