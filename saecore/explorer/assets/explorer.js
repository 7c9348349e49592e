/* The explorer of latents: a list that can be searched, and a page for every latent.

   Addresses:  #/DICTIONARY   #/DICTIONARY/NUMBER   #/search/WORDS   and ?q=WORDS&in=FIELD&sort=ORDER behind each.
   Data come from scripts beside this one, loaded when they are needed (a page opened from a disk may not read
   JSON). Text only ever becomes text nodes, so a token that looks like HTML is shown as what it is. */
"use strict";
(() => {
  const root = document.getElementById("sae-explorer");
  if (!root) return;
  const base = new URL(".", document.currentScript.src).href;
  const suffix = ".js?v=" + encodeURIComponent(root.dataset.version || "");
  const FIELDS = { "": "everything", fires: "fires on", promotes: "promotes", label: "label", number: "number" };
  const ORDERS = { "": "best match", number: "number", frequent: "most frequent", rare: "rarest", label: "best label", strong: "largest activation" };
  const PAGE = 60;

  /* ---- loading: saeExplorer(key, content) is what every data file calls ---- */

  const arrived = new Map(), waiting = new Map();
  let catalogue = null;
  window.saeExplorer = (key, content) => {
    arrived.set(key, content);
    if (key === "catalogue") start(content);
  };

  function load(key, file) {
    if (arrived.has(key)) return Promise.resolve(arrived.get(key));
    if (!waiting.has(key)) waiting.set(key, new Promise((done, failed) => {
      const script = document.createElement("script");
      const stop = () => { waiting.delete(key); script.remove(); failed(new Error(`The file ${file} could not be loaded.`)); };
      script.src = base + file + suffix;
      script.onload = () => arrived.has(key) ? done(arrived.get(key)) : stop();
      script.onerror = stop;
      document.head.append(script);
    }));
    return waiting.get(key);
  }
  const byToken = dictionary => dictionary.by_token ? load(`${dictionary.name}/tokens`, `${dictionary.name}/tokens`) : Promise.resolve([]);
  const index = dictionary => load(dictionary.name, `${dictionary.name}/index`);
  async function details(dictionary, number) {
    const part = Math.floor(number / catalogue.chunk), key = `${dictionary.name}/${part}`;
    return (await load(key, key))[number % catalogue.chunk];
  }

  /* ---- text ---- */

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
    }
    node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
    return node;
  }
  const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
  const named = c => c === "\n" ? "↵" : c === "\t" ? "⇥" : `⟨${c.codePointAt(0).toString(16).padStart(4, "0")}⟩`;
  const visible = text => text.replace(HIDDEN, named);
  const word = token => catalogue.vocabulary[token];
  const plain = text => text === "" ? "∅" : /^ +$/.test(text) ? "␣".repeat(text.length) : visible(text);
  const count = number => number.toLocaleString("en");
  const decimals = value => Math.abs(value) >= 1000 || !value ? count(Math.round(value)) : Math.abs(value) < 0.001 ? value.toExponential(1) : value.toPrecision(3);
  const percent = share => share === 0 ? "never" : share < 1e-6 ? "< 0.0001 %" : `${Number((100 * share).toPrecision(2))} %`;
  const ofMeta = dictionary => dictionary.of !== "";
  const noun = dictionary => ofMeta(dictionary) ? "meta-latent" : "latent";

  function chip(token) {
    const text = word(token), begins = /^ [^ ]/.test(text);
    return el("bdi", { class: "ex-token" }, begins ? el("span", { class: "ex-blank", "aria-hidden": "true" }, "·") : null, plain(begins ? text.slice(1) : text));
  }
  const chips = tokens => tokens.map((token, place) => [place ? " " : "", chip(token)]);
  const firesOn = entry => entry[2].length ? chips(entry[2]) : [el("em", {}, "never active")];
  const bar = share => el("span", { class: "ex-bar", "aria-hidden": "true" }, el("span", { style: `width:${Math.round(100 * Math.min(1, Math.max(0, share)))}%` }));

  /* ---- addresses ---- */

  function route() {
    const [path, query] = location.hash.replace(/^#/, "").split("?");
    const parts = path.split("/").filter(Boolean).map(part => { try { return decodeURIComponent(part); } catch { return part; } });
    const asked = new URLSearchParams(query || "");
    const found = { name: "", number: null, q: asked.get("q") || "", in: asked.get("in") || "", sort: asked.get("sort") || "" };
    if (parts[0] === "search") found.q = found.q || parts.slice(1).join("/");
    else if (parts.length) { found.name = parts[0]; if (parts.length > 1) found.number = /^\d+$/.test(parts[1]) ? Number(parts[1]) : -1; }
    if (!(found.in in FIELDS)) found.in = "";
    if (!(found.sort in ORDERS)) found.sort = "";
    return found;
  }
  function address(to) {
    const asked = new URLSearchParams();
    for (const key of ["q", "in", "sort"]) if (to[key]) asked.set(key, to[key]);
    const query = asked.toString();
    return "#/" + encodeURIComponent(to.name) + (to.number === null || to.number === undefined ? "" : "/" + to.number) + (query ? "?" + query : "");
  }
  const dictionaryCalled = name => catalogue.dictionaries.find(one => one.name === name);
  const toLatent = (dictionary, number) => address({ name: dictionary.name, number });

  /* ---- search ---- */

  let scored = { q: null };
  function tokenScores(q) {
    if (scored.q !== q) {
      const scores = new Uint8Array(catalogue.vocabulary.length);
      catalogue.vocabulary.forEach((text, token) => {
        const t = text.trim().toLowerCase();
        scores[token] = t === q ? 3 : t.startsWith(q) ? 2 : q.length > 1 && t.includes(q) ? 1 : 0;
      });
      scored = { q, scores };
    }
    return scored.scores;
  }
  function labelMatch(name, q) {
    const text = name.toLowerCase(), value = text.split(": ").pop();
    return text === q || value === q ? 3 : value.startsWith(q) && q.length > 1 ? 2 : q.length > 2 && text.includes(q) ? 1 : 0;
  }
  const labelScore = (labels, q) => labels.reduce((best, [name, score]) => Math.max(best, labelMatch(name, q) && labelMatch(name, q) + score), 0);
  function matches(entries, lists, q, field) {   /* `lists`: for each token the latents that it activates most */
    const number = /^#?\d+$/.test(q) ? Number(q.replace("#", "")) : -1;
    const scores = tokenScores(q), active = new Map();
    lists.forEach((latents, token) => scores[token] > 1 && latents.forEach((n, place) => active.set(n, Math.max(active.get(n) || 0, scores[token] - place / 16))));
    const best = tokens => tokens.reduce((most, t, place) => Math.max(most, scores[t] && scores[t] - place / 16), 0);
    const any = name => !field || field === name;
    const found = [];
    entries.forEach((entry, n) => {
      const score = Math.max(
        any("number") && n === number ? 100 : 0,
        any("fires") ? 4 * Math.max(best(entry[2]), active.get(n) || 0) : 0,
        any("label") ? 3.5 * labelScore(entry[4], q) : 0,
        any("promotes") ? 2 * best(entry[3]) : 0);
      if (score > 0) found.push([n, score]);
    });
    return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(pair => pair[0]);
  }
  function ordered(entries, found, sort, searched) {
    const by = { number: n => n, frequent: n => -entries[n][0], rare: n => entries[n][0] || 9, strong: n => -entries[n][1], label: n => entries[n][4].length ? -entries[n][4][0][1] : 9 }[sort || (searched ? "" : "number")];
    return by ? found.slice().sort((a, b) => by(a) - by(b) || a - b) : found;
  }

  /* ---- the parts of the page ---- */

  const ui = {};
  function build() {
    const options = (list, shown) => Object.entries(list).map(([value, text]) => el("option", { value }, shown ? shown(text) : text));
    ui.dictionary = el("select", { id: "ex-dictionary", onchange: () => go({ ...now, name: ui.dictionary.value, number: null }) },
      catalogue.dictionaries.map(one => el("option", { value: one.name }, one.title)));
    ui.q = el("input", { id: "ex-q", type: "search", autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: "token, label or number", oninput: typed, onkeydown: inSearch });
    ui.field = el("select", { id: "ex-field", onchange: () => change({ in: ui.field.value }) }, options(FIELDS));
    ui.sort = el("select", { id: "ex-sort", onchange: () => change({ sort: ui.sort.value }) }, options(ORDERS));
    ui.count = el("output", { class: "ex-count", "aria-live": "polite", for: "ex-q" });
    ui.list = el("ol", { class: "ex-list", "aria-label": "Latents found", onkeydown: inList });
    ui.more = el("button", { type: "button", class: "ex-more", onclick: () => showMore(true) }, "Show more");
    ui.said = el("div", { class: "ex-hidden", "aria-live": "polite" });
    ui.detail = el("article", { class: "ex-detail", "aria-labelledby": "ex-title" });
    const labelled = (id, text, control, css) => el("div", { class: "ex-field " + (css || "") }, el("label", { for: id }, text), control);
    const form = el("form", { role: "search", class: "ex-controls", "aria-label": "Latents", onsubmit: event => { event.preventDefault(); openFirst(); } },
      labelled("ex-dictionary", "Dictionary", ui.dictionary, "ex-wide"), labelled("ex-q", "Search", ui.q, "ex-wide"),
      labelled("ex-field", "Search in", ui.field), labelled("ex-sort", "Order", ui.sort));
    const keys = el("p", { class: "ex-keys" }, ["/", " search  ", "↑ ↓", " move  ", "Enter", " open  ", "← →", " previous, next  ", "Esc", " back"].map((text, n) => n % 2 ? text : el("kbd", {}, text)));
    ui.nav = el("nav", { class: "ex-results", "aria-label": "Latents found" }, ui.count, ui.list, ui.more, keys);
    root.append(form, el("div", { class: "ex-panes" }, ui.nav, ui.detail), ui.said);
    if ("IntersectionObserver" in window) new IntersectionObserver(seen => seen.some(s => s.isIntersecting) && showMore(false), { root: ui.list.parentElement }).observe(ui.more);
  }

  let now = null, listed = { key: "", found: [], shown: 0 };
  function item(entry, n) {
    const q = now.q.trim().toLowerCase(), [name, score] = (q && entry[4].find(label => labelMatch(label[0], q))) || entry[4][0] || [];
    const label = name ? el("span", { class: "ex-label" }, visible(name), " ", score.toFixed(2)) : null;
    const rate = ofMeta(now.dictionary) ? `${count(entry[5])} latents` : percent(entry[0]);
    return el("li", {}, el("a", { href: address({ ...now, number: n }), "data-number": n },
      el("span", { class: "ex-number" }, n), el("span", { class: "ex-tokens" }, firesOn(entry)), el("span", { class: "ex-rate" }, rate), label));
  }
  function showMore(focus) {
    const from = listed.shown, next = listed.found.slice(from, from + PAGE);
    ui.list.append(...next.map(n => item(now.entries[n], n)));
    listed.shown += next.length;
    ui.more.hidden = listed.shown >= listed.found.length;
    if (focus && ui.list.children[from]) ui.list.children[from].firstChild.focus();
    if (next.length) mark();
  }
  function mark() {
    for (const link of ui.list.querySelectorAll("a")) {
      const here = Number(link.dataset.number) === now.number;
      if (here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
      link.setAttribute("href", address({ ...now, number: link.dataset.number }));
    }
  }
  function showList() {
    const q = now.q.trim().toLowerCase(), all = now.entries.map((_, n) => n);
    const key = [now.name, q, now.in, now.sort].join("\n");
    if (key === listed.key) return mark();
    const found = ordered(now.entries, q ? matches(now.entries, now.lists, q, now.in) : all, now.sort, q !== "");
    listed = { key, found, shown: 0 };
    ui.list.replaceChildren();
    ui.nav.scrollTop = 0;
    ui.count.textContent = q ? `${count(found.length)} of ${count(all.length)} ${noun(now.dictionary)}s` : `${count(all.length)} ${noun(now.dictionary)}s`;
    showMore(false);
  }

  /* ---- one dictionary, one latent ---- */

  const section = (title, note, ...content) => el("section", {}, el("h3", {}, title), note ? el("p", { class: "ex-note" }, note) : null, ...content);
  const heading = text => el("h2", { id: "ex-title", tabindex: "-1" }, text);
  const facts = pairs => el("dl", { class: "ex-facts" }, pairs.filter(Boolean).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));

  function overview() {
    const best = new Map();
    now.entries.forEach((entry, n) => entry[4].forEach(([name, score]) => { if (!(best.get(name)?.[1] >= score)) best.set(name, [n, score]); }));
    const kinds = new Map();
    for (const [name, [n, score]] of [...best].sort((a, b) => b[1][1] - a[1][1])) {
      const [kind, value] = name.split(": ");
      if (!kinds.has(kind)) kinds.set(kind, []);
      kinds.get(kind).push(el("li", {}, el("a", { href: toLatent(now.dictionary, n) }, visible(value || kind)), " ", el("span", { class: "ex-quiet" }, score.toFixed(2))));
    }
    const lists = [...kinds].map(([kind, links]) => el("div", { class: "ex-kind" }, el("h4", {}, visible(kind)), el("ul", {}, links)));
    const note = ofMeta(now.dictionary) ? "Share of a meta-latent's users that stand for the label." : "F1 of “the latent is active” among the words of the kind.";
    return [heading(now.dictionary.title), facts(now.dictionary.facts.map(([name, value]) => [name, typeof value === "number" ? count(value) : value])),
      lists.length ? section(`The best ${noun(now.dictionary)} for each label`, note, el("div", { class: "ex-kinds" }, lists)) : null];
  }

  function histogram(counts, largest) {
    const most = Math.log1p(Math.max(...counts)), wide = 100 / counts.length, space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const set = (node, values) => { for (const name in values) node.setAttribute(name, values[name]); return node; };
    set(svg, { viewBox: "0 0 100 32", preserveAspectRatio: "none", role: "img", class: "ex-histogram", "aria-label": `Histogram of ${count(counts.reduce((a, b) => a + b, 0))} activations between 0 and ${decimals(largest)}; heights are logarithmic` });
    counts.forEach((c, n) => { const high = most ? 31 * Math.log1p(c) / most : 0; svg.append(set(document.createElementNS(space, "rect"), { x: n * wide, width: wide * 0.86, y: 32 - high, height: high })); });
    return el("figure", {}, svg, el("figcaption", {}, el("span", {}, "0"), el("span", {}, "activation (log counts)"), el("span", {}, decimals(largest))));
  }
  function context([sequence, position, level, tokens, fired], largest) {
    const values = new Map();
    for (let n = 0; n < fired.length; n += 2) values.set(fired[n], fired[n + 1]);
    const text = tokens.map((token, place) => {
      const shown = visible(place ? word(token) : word(token).replace(/^ +/, ""));
      if (!values.has(place)) return shown;
      const value = values.get(place);
      return el("mark", { style: `--a:${(0.12 + 0.88 * Math.min(1, value / largest)).toFixed(2)}`, title: decimals(value) }, shown);
    });
    const peak = Math.max(0, ...values.values());
    return el("li", { title: `sequence ${sequence}, token ${position}` }, el("span", { class: "ex-value" }, decimals(peak)), el("span", { class: "ex-text" }, el("bdi", {}, text)));
  }
  const scores = (pairs, unit) => el("ul", { class: "ex-scores" }, pairs.map(([token, value]) => el("li", {}, chip(token), el("span", { class: "ex-quiet" }, unit(value)))));

  function links(dictionary, pairs, name) {
    const cells = [];   /* filled when they come into view: another dictionary's index may have to be loaded */
    const fill = () => index(dictionary).then(entries => cells.forEach(([number, tokens, label]) => {
      tokens.append(...firesOn(entries[number]).flat());
      if (entries[number][4].length) label.append(el("span", { class: "ex-label" }, visible(entries[number][4][0][0])));
    })).catch(() => {});
    const rows = pairs.map(([number, value]) => {
      const tokens = el("td", { class: "ex-tokens" }), label = el("td", { class: "ex-labels" });
      cells.push([number, tokens, label]);
      return el("tr", {}, el("th", { scope: "row" }, el("a", { href: toLatent(dictionary, number) }, number)), el("td", { class: "ex-measure" }, decimals(value), bar(value / (name === "cosine" ? 1 : pairs[0][1]))), tokens, label);
    });
    const head = [noun(dictionary), name, "fires on", "label"].map((text, n) => el("th", { scope: "col", class: n === 1 ? "ex-measure" : null }, text));
    const box = el("div", { class: "ex-scroll", tabindex: "0", role: "region", "aria-label": `${name} of ${noun(dictionary)}s, ${dictionary.title}` }, el("table", { class: "ex-table" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)));
    onceSeen(box, fill);
    return box;
  }
  function onceSeen(node, then) {
    if (!("IntersectionObserver" in window)) return then();
    const observer = new IntersectionObserver(seen => { if (seen.some(one => one.isIntersecting)) { observer.disconnect(); then(); } }, { rootMargin: "150px" });
    observer.observe(node);
  }

  function latent(entry, found) {
    const here = now.dictionary, meta = ofMeta(here), last = now.entries.length - 1, n = now.number;
    const step = (to, text, sign) => to < 0 || to > last ? el("span", { class: "ex-step", "aria-hidden": "true" }, sign) : el("a", { class: "ex-step", href: address({ ...now, number: to }), "aria-label": text, title: text }, sign);
    const tops = found.contexts.filter(c => c[2] === null), weaker = found.contexts.filter(c => c[2] !== null);
    const labels = found.labels.map(([name, score, hits, of]) => [`${name}`, `${meta ? "" : "F1 "}${score.toFixed(2)} (${hits} of ${of} ${meta ? "users" : "words"})`]);
    const near = new Map();
    for (const [name, number, cosine] of found.nearest) near.set(name, [...near.get(name) || [], [number, cosine]]);
    const source = meta ? dictionaryCalled(here.of) : here.meta ? dictionaryCalled(here.meta) : null;
    return [
      el("div", { class: "ex-head" }, el("a", { class: "ex-back", href: address({ ...now, number: null }) }, "← All ", noun(here), "s"), heading(`${meta ? "Meta-latent" : "Latent"} ${n}`), el("span", { class: "ex-steps" }, step(n - 1, "previous", "←"), step(n + 1, "next", "→"))),
      el("p", { class: "ex-of" }, here.title),
      facts([[meta ? "used by" : "active on", meta ? `${count(entry[5])} latents` : entry[0] ? `${percent(entry[0])} of tokens` : "no token"], entry[1] ? ["largest activation", decimals(entry[1])] : null, ...labels.map(([name, text]) => [visible(name), text])]),
      el("div", { class: "ex-columns" },
        found.tokens.length ? section("Fires on", meta ? "Tokens of the latents that use it." : "Share of its activation.", scores(found.tokens, percent)) : null,
        found.promoted.length ? section("Promotes", "Next tokens, in standard deviations.", scores(found.promoted, v => "+" + decimals(v))) : null,
        found.lowered.length ? section("Lowers", "The same, downwards.", scores(found.lowered, v => decimals(v).replace("-", "−"))) : null,
        found.histogram.some(Boolean) ? section("How strongly", null, histogram(found.histogram, entry[1])) : null),
      tops.length ? section("Strongest contexts", null, el("ol", { class: "ex-contexts" }, tops.map(c => context(c, entry[1])))) : null,
      weaker.length ? section("Weaker contexts", "One each near three, two and one quarter of the largest activation.", el("ol", { class: "ex-contexts" }, weaker.map(c => context(c, entry[1])))) : null,
      found.parts.length && source ? section("Its meta-latents", `What its decoder row is made of, by the ${source.title}.`, links(source, found.parts, "activation")) : null,
      found.users.length && source ? section("Used by", `Latents of ${source.title} whose decoder rows use it.`, links(source, found.users, "activation")) : null,
      near.size ? el("section", {}, el("h3", {}, "Nearest directions"), [...near].map(([name, pairs]) => [el("h4", {}, name === here.name ? "In the same dictionary" : dictionaryCalled(name).title), links(dictionaryCalled(name), pairs, "cosine")])) : null,
    ];
  }

  /* ---- going from one address to the next ---- */

  let turn = 0;
  async function render(moved) {
    const mine = ++turn, asked = route();
    const dictionary = dictionaryCalled(asked.name) || catalogue.dictionaries[0];
    const lost = asked.name && dictionary.name !== asked.name ? `There is no dictionary called “${visible(asked.name)}”.` : "";
    let entries, lists = [], found, wrong = lost;
    try {
      entries = await index(dictionary);
      if (asked.q.trim()) lists = await byToken(dictionary);
      if (!lost && asked.number !== null) {
        if (asked.number < 0 || asked.number >= entries.length) wrong = `${dictionary.title} has the ${noun(dictionary)}s 0 to ${entries.length - 1}.`;
        else found = await details(dictionary, asked.number);
      }
    } catch (error) { wrong = error.message; }
    if (mine !== turn) return;
    const before = now;
    now = { ...asked, name: dictionary.name, number: found ? asked.number : null, dictionary, lists, entries: entries || [] };
    root.style.setProperty("--ex-tone", dictionary.colour);
    root.dataset.view = found || wrong ? "detail" : "list";
    if (document.activeElement !== ui.q) ui.q.value = now.q;
    ui.dictionary.value = now.name; ui.field.value = now.in; ui.sort.value = now.sort;
    showList();
    const same = before && !wrong && before.name === now.name && before.number === now.number && ui.detail.childElementCount;
    if (!same) {
      const content = wrong ? [heading("Not found"), el("p", { role: "alert" }, wrong)] : found ? latent(entries[now.number], found) : overview();
      ui.detail.replaceChildren(...content.flat(Infinity).filter(Boolean));
      ui.detail.scrollTop = 0;
      if (moved) ui.said.textContent = document.getElementById("ex-title").textContent;
    } else for (const link of ui.detail.querySelectorAll(".ex-back, a.ex-step")) keepQuery(link);
    if (moved && found && narrow()) { document.getElementById("ex-title").focus({ preventScroll: true }); ui.detail.scrollIntoView({ block: "start" }); }
    if (!("ready" in root.dataset)) root.dataset.ready = Math.round(performance.now());
  }
  function keepQuery(link) {
    const to = link.getAttribute("href").split("?")[0].split("/");
    link.setAttribute("href", address({ ...now, number: to.length > 2 ? to[2] : null }));
  }
  const narrow = () => window.matchMedia("(max-width: 880px)").matches;
  const go = to => { location.hash = address(to); };
  function change(part) {
    history.replaceState(null, "", address({ ...now, ...part, ...(narrow() ? { number: null } : {}) }));
    return render(false);
  }

  /* ---- keyboard ---- */

  let timer;
  function typed() { clearTimeout(timer); timer = setTimeout(() => change({ q: ui.q.value }), 90); }
  async function openFirst() {
    clearTimeout(timer);
    if (now.q !== ui.q.value) await change({ q: ui.q.value });
    if (listed.found.length) go({ ...now, number: listed.found[0] });
  }
  function inSearch(event) {
    if (event.key === "ArrowDown" && ui.list.firstChild) { event.preventDefault(); ui.list.querySelector("a").focus(); }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); if (ui.q.value) { ui.q.value = ""; change({ q: "" }); } else ui.q.blur(); }
  }
  function inList(event) {
    const links = [...ui.list.querySelectorAll("a")], place = links.indexOf(document.activeElement);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || place < 0) return;
    event.preventDefault();
    if (to < 0) return ui.q.focus();
    if (to >= links.length - 1) showMore(false);
    (ui.list.querySelectorAll("a")[to] || links[place]).focus();
  }
  document.addEventListener("keydown", event => {   /* before the book's own "/" */
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName) || event.target.isContentEditable;
    if (!now || typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const held = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (event.key === "/") { held(); ui.q.focus(); ui.q.select(); }
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const to = now.number === null ? -1 : now.number + (step || 0);
    if (step && !event.target.closest(".ex-scroll") && to >= 0 && to < now.entries.length) { held(); go({ ...now, number: to }); }
    if (event.key === "Escape" && root.contains(event.target) && ui.list.contains(event.target)) { held(); ui.q.focus(); }
    else if (event.key === "Escape" && now.number !== null) { held(); const back = now.number; go({ ...now, number: null }); setTimeout(() => (ui.list.querySelector(`a[data-number="${back}"]`) || ui.q).focus(), 60); }
  }, true);

  function start(content) {
    catalogue = content;
    build();
    window.addEventListener("hashchange", () => render(true));
    render(false);
  }
})();
