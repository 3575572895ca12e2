// What a script adds to the page: nothing is sent twice, new texts come by themselves, Exit leaves no way back, and a page
// nobody touches goes blank. Keeps nothing: no storage, no cookie of its own. Without it every form works.
"use strict";
(() => {
  const SHIFTS = 3, WITHIN = 3000, AGAIN = 2000, ASK = 5000;
  const tabs = "BroadcastChannel" in self ? new BroadcastChannel("page") : null;
  const by = (id) => document.getElementById(id);
  let leaving = false, blank = false, stream = null, asking = 0, queue = [], sending = false;

  // --- leaving ---
  function leave(tell) {
    if (leaving) return;
    leaving = true;
    document.documentElement.replaceChildren();
    if (stream) stream.close();
    if (tell) {
      if (tabs) tabs.postMessage("gone");
      const body = new URLSearchParams({ do: "exit", form: mark });
      // What has not arrived yet goes along: to leave is not to take it back.
      for (const one of queue) if (one.line || one.body.has("pick")) body.append("also", one.body);
      fetch("/", { method: "POST", body, keepalive: true, headers: { "X-Page": "1" } }).catch(() => {});
    }
    location.replace(away);
  }
  const away = document.body.dataset.exit;
  let mark = document.querySelector("#exit input").value;
  let shifts = [];
  addEventListener("keydown", (event) => {
    awake();
    if (event.key !== "Shift") { shifts = []; return; }
    if (event.repeat) return;
    const now = Date.now();
    shifts = [...shifts.filter((at) => now - at < WITHIN), now];
    if (shifts.length >= SHIFTS) leave(true);
  }, true);

  // --- going blank ---
  let touched = Date.now();
  function awake() {
    if (blank) return;
    const long = Date.now() - touched > 1000;
    touched = Date.now();
    by("warn").hidden = true;
    if (long && tabs) tabs.postMessage("here");
  }
  function sleep() {
    blank = true;
    if (stream) stream.close();
    by("all").replaceChildren();
    by("state").textContent = "";
    by("blank").hidden = false;
    by("wake").focus();
    flush().then(() => {
      const body = new URLSearchParams({ do: "sleep", form: mark });
      return fetch("/", { method: "POST", body, keepalive: true, headers: { "X-Page": "1" } });
    }).catch(() => {});
  }
  setInterval(() => {
    if (blank || leaving || document.body.dataset.chat === "no") return;
    const idle = (Date.now() - touched) / 1000, most = Number(document.body.dataset.blank);
    if (idle >= most) sleep();
    else if (idle >= most - Number(document.body.dataset.warn) && by("warn").hidden) {
      by("warn").hidden = false;
      by("stay").focus();
    }
  }, 500);
  for (const kind of ["pointerdown", "pointermove", "scroll", "input"]) addEventListener(kind, awake, { passive: true });
  if (tabs) tabs.onmessage = (event) => {
    if (event.data === "gone") leave(false);
    else { touched = Date.now(); if (by("warn")) by("warn").hidden = true; }
  };

  // --- showing what the server says ---
  function show(html) {
    const made = new DOMParser().parseFromString(html, "text/html");
    const next = made.body.dataset;
    const same = next.chat === "yes" && document.body.dataset.chat === "yes" && made.documentElement.lang === document.documentElement.lang;
    mark = made.querySelector("#exit input").value;
    if (same) {
      const log = by("log"), known = new Map([...log.children].map((line) => [line.dataset.id, line]));
      let grew = false;
      for (const line of made.querySelectorAll("#log > .line")) {
        if (!known.has(line.dataset.id)) { log.append(line); grew = true; }
      }
      const typed = by("text"), words = typed.value, focused = document.activeElement === typed;
      const question = (root) => root.querySelector("#answers input[name=question]")?.value;
      // The buttons stay as they are while the question is the same: somebody may be choosing.
      if (question(document) !== question(made)) {
        const old = by("answers"), fresh = made.querySelector("#answers");
        if (old) old.remove();
        if (fresh) by("turn").prepend(fresh);
      }
      if (made.querySelector(".code, .note")) by("way-back").replaceChildren(...made.querySelectorAll(".note"), ...made.getElementById("way-back").childNodes);
      for (const input of document.querySelectorAll("input[name=form]")) input.value = mark;
      if (focused && by("text") !== document.activeElement) { by("text").value = words; by("text").focus(); }
      if (grew) scrolled();
    } else {
      const words = by("text") ? by("text").value : "", chat = next.chat === "yes" && document.body.dataset.chat !== "yes";
      document.documentElement.lang = made.documentElement.lang;
      document.documentElement.dir = made.documentElement.dir;
      document.title = made.title;
      by("all").replaceChildren(...made.getElementById("all").childNodes);
      by("state").replaceWith(made.getElementById("state"));
      by("wake").textContent = made.getElementById("wake").textContent;
      if (by("text") && !by("text").value) by("text").value = words;
      if (chat) ready();
      by("turn") ? scrolled() : scrollTo(0, 0);
    }
    document.body.dataset.chat = next.chat;
    document.body.dataset.newest = next.newest;
    by("turn") ? listen() : stop();
  }
  // On a phone a field that has the focus brings up the keyboard, over the buttons.
  function ready() {
    const place = matchMedia("(pointer: fine)").matches ? by("text") : by("turn");
    place?.focus({ preventScroll: true });
  }
  // Answers without their question are pressed all the same: where both do not fit, the question stands under the header.
  function scrolled() {
    const last = by("log")?.lastElementChild, turn = by("turn"), top = document.querySelector("header").offsetHeight;
    if (!turn) return;
    const needed = last ? turn.getBoundingClientRect().bottom - last.getBoundingClientRect().top : 0;
    if (last && needed > innerHeight - top) scrollTo(0, scrollY + last.getBoundingClientRect().top - top);
    else turn.scrollIntoView({ block: "end" });
  }
  async function fetched(body) {
    const options = body ? { method: "POST", body } : {};
    const answer = await fetch("/", { ...options, headers: { "X-Page": "1" }, cache: "no-store" });
    if (answer.status >= 500 || answer.status === 408) throw new Error("again");
    return answer.text();
  }
  async function refresh() {
    // What is read once is not asked for again.
    if (blank || leaving || sending || document.body.dataset.chat === "read") return;
    try { const html = await fetched(); if (!blank && !leaving && !sending) show(html); } catch { /* the stream says when it is back */ }
  }

  // --- hearing of what is new ---
  function listen() {
    if (stream || asking || blank || leaving) return;
    stream = new EventSource("/live?after=" + encodeURIComponent(document.body.dataset.newest));
    stream.onmessage = (event) => { if (event.lastEventId > document.body.dataset.newest) refresh(); };
    stream.onopen = () => { if (by("state").dataset.down) { say("online"); refresh(); flush(); } };
    stream.addEventListener("gone", () => { stop(); refresh(); });
    stream.onerror = () => {
      if (!navigator.onLine) say("offline");
      if (stream && stream.readyState === EventSource.CLOSED) { stream = null; asking = asking || setInterval(refresh, ASK); }
    };
  }
  function stop() {
    if (stream) stream.close();
    if (asking) clearInterval(asking);
    stream = null; asking = 0;
  }
  function say(what) {
    const state = by("state");
    state.textContent = what ? state.dataset[what] : "";
    if (what === "offline" || what === "notSent") state.dataset.down = "yes";
    else delete state.dataset.down;
    if (what === "online") setTimeout(() => { if (!state.dataset.down) state.textContent = ""; }, 3000);
  }
  addEventListener("offline", () => say("offline"));
  addEventListener("online", () => { say("online"); flush(); refresh(); });

  // --- sending, once, and again until it has arrived ---
  function fresh() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  }
  function waits(text) {
    const log = by("log");
    if (!log) return null;
    const line = document.createElement("div"), words = document.createElement("p");
    line.className = "line you waits";
    words.dir = "auto";
    words.textContent = text;
    line.append(words);
    log.append(line);
    scrolled();
    return line;
  }
  async function flush() {
    if (sending) return;
    sending = true;
    while (queue.length && !leaving) {
      const { body, line } = queue[0];
      try {
        body.set("form", mark);
        const html = await fetched(body);
        queue.shift();
        if (line) line.remove();
        if (by("state").dataset.down) say("online");
        if (!leaving && !blank) show(html);
      } catch {
        say(navigator.onLine ? "notSent" : "offline");
        await new Promise((done) => { setTimeout(done, AGAIN); addEventListener("online", done, { once: true }); });
      }
    }
    sending = false;
  }
  addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target, button = event.submitter, body = new URLSearchParams(new FormData(form, button));
    if (body.get("do") === "exit") { leave(true); return; }
    const typed = form.id === "write";
    if (typed && !body.get("text").trim()) return;
    if (body.has("once")) body.set("once", fresh());
    if (typed) by("text").value = "";
    if (form.id === "answers") { if (!body.has("pick")) return; form.remove(); ready(); }
    queue.push({ body, line: typed ? waits(body.get("text")) : null });
    flush();
  }, true);
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.id !== "text") return;
    event.preventDefault();
    by("write").requestSubmit();
  });
  addEventListener("click", (event) => {
    if (event.target.id === "wake") location.replace("/");
    if (event.target.id === "stay") { awake(); by("text")?.focus(); }
  });
  // Nothing of a page that was put aside is shown again.
  addEventListener("pageshow", (event) => { if (event.persisted) { document.documentElement.replaceChildren(); location.reload(); } });
  addEventListener("pagehide", () => { if (!leaving && document.body) by("all")?.replaceChildren(); });
  if (document.body.dataset.chat === "yes") { listen(); scrolled(); }
})();
