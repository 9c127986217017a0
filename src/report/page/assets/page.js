"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // ---- contents: which part is read --------------------------------------------------------

  const links = new Map();
  for (const link of document.querySelectorAll(".contents a")) {
    links.set(link.hash.slice(1), link);
  }
  const seen = new IntersectionObserver((entries) => {
    const entry = entries.filter((one) => one.isIntersecting).pop();
    if (!entry) return;
    for (const link of links.values()) link.removeAttribute("aria-current");
    const link = links.get(entry.target.id);
    if (link) link.setAttribute("aria-current", "true");
  }, { rootMargin: "-10% 0px -80% 0px" });
  for (const section of document.querySelectorAll("main > section")) seen.observe(section);

  // ---- paper: assumptions are printed, whether they are folded or not ----------------------

  const folded = () => document.querySelectorAll("#assumptions details:not([open])");
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...folded()];
    for (const details of opened) details.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  // ---- programme ---------------------------------------------------------------------------

  const source = byId("programme-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const frame = byId("gantt-frame"), canvas = byId("gantt-canvas"), tree = byId("gantt-tree");
  const ticks = byId("gantt-ticks"), lines = byId("gantt-lines"), tip = byId("gantt-tip");
  const epoch = Date.parse(data.epoch + "T00:00:00Z");
  const DAY = 1440, AT_ONCE = 400, OPEN_MAX = 150, ROWS_SEEN = 26, ZOOM_MAX = 400;

  const date = (minute) => new Date(epoch + minute * 60000).toISOString().slice(0, 10);
  const day = (year, month, dayOfMonth) => (Date.UTC(year, month, dayOfMonth) - epoch) / 60000;

  let first = Infinity, last = -Infinity;
  for (const group of data.groups) {
    group.s = group.s ?? Infinity; group.f = group.f ?? -Infinity;
    for (const row of group.rows) if (row.p !== undefined) last = Math.max(last, row.p);
    first = Math.min(first, group.s); last = Math.max(last, group.f);
  }
  if (data.status !== null) { first = Math.min(first, data.status); last = Math.max(last, data.status); }
  if (!(first < last)) { first = Number.isFinite(first) ? first : 0; last = first + 30 * DAY; }
  const margin = (last - first) * 0.015;
  first -= margin; last += margin;
  const share = (minute) => 100 * (minute - first) / (last - first);
  const percent = (value) => value.toFixed(4) + "%";

  const held = data.groups.reduce((sum, group) => sum + group.rows.length, 0);
  // What opens at once fills the frame; of a long programme that is its first groups.
  let room = held <= OPEN_MAX ? held : ROWS_SEEN - data.groups.length;
  for (const group of data.groups) {
    group.open = group.rows.length <= room;
    if (group.open) room -= group.rows.length; else room = 0;
    group.shown = AT_ONCE;
  }
  let zoom = 1, find = "", criticalOnly = false;

  const isCritical = (row) => row.c === 1 || (row.x || 0) >= 500;
  const matches = (row) => (!criticalOnly || isCritical(row)) &&
    (find === "" || row.n.toLowerCase().includes(find) || row.i.toLowerCase().includes(find));

  function told(row) {
    const words = [row.n === row.i ? row.n : row.n + " (" + row.i + ")"];
    if (row.s === undefined) words.push("never starts");
    else if (row.f === undefined) words.push("starts " + date(row.s) + ", never finishes");
    else if (row.m) words.push("on " + date(row.f));
    else words.push(date(row.s) + " to " + date(row.f) + ", " + ((row.f - row.s) / DAY).toFixed(1) + " days");
    if (row.x !== undefined) words.push("critical in " + (row.x / 10).toFixed(1) + "% of trials");
    if (row.c) words.push("on the critical path of the likely run");
    else if (row.t !== undefined) words.push("float " + row.t.toFixed(1) + " days");
    if (row.p !== undefined) words.push("promised " + date(row.p));
    if (row.g === 2) words.push("finished"); else if (row.g === 1) words.push("under way");
    for (const [from, until, what] of row.w || []) {
      words.push("waits " + ((until - from) / DAY).toFixed(1) + " days for " + what);
    }
    return words;
  }

  const spans = (from, until, name) => {
    const mark = make("i", name);
    mark.style.left = percent(share(from));
    mark.style.width = percent(share(until) - share(from));
    return mark;
  };

  function level(row) {
    if (!data.criticality) return row.c ? " critical" : "";
    const index = row.x || 0;
    return index >= 750 ? " x4" : index >= 500 ? " x3" : index >= 250 ? " x2" : index >= 50 ? " x1" : " x0";
  }

  function leaf(row) {
    const item = make("div", "row leaf");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", "2");
    item.tabIndex = -1;
    item.setAttribute("aria-label", told(row).join(", "));
    item.row = row;
    item.append(make("span", "name", row.n));
    const track = make("span", "track");
    for (const [from, until] of row.w || []) track.append(spans(from, until, "wait"));
    if (row.t > 0 && row.f !== undefined && !row.c) track.append(spans(row.f, row.f + row.t * DAY, "slack"));
    if (row.f !== undefined) {
      const progress = row.g === 2 ? " done" : row.g === 1 ? " way" : "";
      const bar = spans(row.s, row.f, "bar" + level(row) + progress + (row.m ? " point" : ""));
      if (row.m) { bar.style.width = ""; bar.style.left = percent(share(row.f)); }
      track.append(bar);
    }
    if (row.p !== undefined) track.append(spans(row.p, row.p, "promise"));
    item.append(track);
    return item;
  }

  function fill(group, box, rows) {
    box.replaceChildren(...rows.slice(0, group.shown).map(leaf));
    if (rows.length <= group.shown) return;
    const more = make("button", "more", "Show " + Math.min(AT_ONCE, rows.length - group.shown) + " more of " + rows.length);
    more.type = "button";
    more.addEventListener("click", () => { group.shown += AT_ONCE; fill(group, box, rows); });
    box.append(more);
  }

  function branch(group) {
    const rows = group.rows.filter(matches);
    if (rows.length === 0) return null;
    const item = make("div", "branch");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", "1");
    item.setAttribute("aria-expanded", String(group.open));
    item.tabIndex = -1;
    const words = group.name + ", " + rows.length + (rows.length === 1 ? " activity" : " activities");
    const span = group.s <= group.f ? date(group.s) + " to " + date(group.f) : "never";
    item.setAttribute("aria-label", words + ", " + span);
    const head = make("div", "row head");
    const name = make("span", "name");
    name.append(make("span", "twist"), group.name + " ", make("small", "", String(rows.length)));
    const track = make("span", "track");
    if (group.s <= group.f) track.append(spans(group.s, group.f, "bar sum"));
    head.append(name, track);
    head.told = [words, span];
    const box = make("div", "leaves");
    box.setAttribute("role", "group");
    item.append(head, box);
    const show = (open) => {
      group.open = open;
      item.setAttribute("aria-expanded", String(open));
      if (open) fill(group, box, rows); else box.replaceChildren();
    };
    item.show = show;
    if (group.open) fill(group, box, rows);
    head.addEventListener("click", () => { show(!group.open); reach(item); });
    return item;
  }

  function draw() {
    const branches = data.groups.map(branch).filter((item) => item !== null);
    tree.replaceChildren(...branches);
    if (branches.length) branches[0].tabIndex = 0;
    const shown = data.groups.reduce((sum, group) => sum + group.rows.filter(matches).length, 0);
    byId("gantt-count").textContent = shown === data.total ? shown + " activities" : shown + " of " + data.total + " activities";
  }

  // ---- time axis and zoom --------------------------------------------------------------------

  function steps(width) {
    const days = (last - first) / DAY, room = 68 * days / width;
    if (room <= 7) return { weeks: room <= 1 ? 0 : 1 };
    for (const months of [1, 3, 6, 12, 24, 60, 120]) if (30 * months >= room) return { months };
    return { months: 240 };
  }

  function scale() {
    const name = parseFloat(getComputedStyle(canvas.querySelector(".name")).width);
    const width = Math.max(240, frame.clientWidth - name) * zoom;
    frame.style.setProperty("--track", width.toFixed(0) + "px");
    const step = steps(width), labels = [], marks = [];
    const start = new Date(epoch + first * 60000);
    const put = (minute, text) => {
      const label = make("span", "", text), mark = make("i");
      label.style.left = mark.style.left = percent(share(minute));
      if (share(minute) * width < 100 * (width - 55)) labels.push(label);
      marks.push(mark);
    };
    if (step.months) {
      const year = start.getUTCFullYear();
      for (let month = 0; ; month += step.months) {
        const minute = day(year, month, 1);
        if (minute > last) break;
        if (minute < first) continue;
        const text = date(minute);
        const quarter = " Q" + (1 + Math.floor((+text.slice(5, 7) - 1) / 3));
        put(minute, step.months >= 12 ? text.slice(0, 4) : step.months === 3 ? text.slice(0, 4) + quarter : text.slice(0, 7));
      }
    } else {
      const apart = step.weeks ? 7 * DAY : DAY;
      const monday = day(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() - (start.getUTCDay() + 6) % 7);
      for (let minute = monday; minute <= last; minute += apart) if (minute >= first) put(minute, date(minute));
    }
    if (data.status !== null) {
      const mark = make("i", "today");
      mark.style.left = percent(share(data.status));
      marks.push(mark);
    }
    ticks.replaceChildren(...labels);
    lines.replaceChildren(...marks);
  }

  function magnify(factor, at) {
    const name = canvas.querySelector(".name").offsetWidth, view = frame.clientWidth - name;
    const x = at === undefined ? view / 2 : at - name;
    const before = (frame.scrollLeft + x) / (view * zoom);
    zoom = Math.min(ZOOM_MAX, Math.max(1, zoom * factor));
    scale();
    frame.scrollLeft = before * view * zoom - x;
    frame.dataset.zoom = zoom.toFixed(2);
  }

  // ---- what hands and keys do ----------------------------------------------------------------

  const everyItem = () => [...tree.querySelectorAll('[role="treeitem"]')];

  function reach(item) {
    for (const one of tree.querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
    item.tabIndex = 0;
    item.focus({ preventScroll: true });
    const top = item.getBoundingClientRect().top - frame.getBoundingClientRect().top;
    if (top < 40) frame.scrollTop += top - 40;
    else if (top > frame.clientHeight - 40) frame.scrollTop += top - frame.clientHeight + 40;
  }

  function setAll(open) { for (const group of data.groups) group.open = open; draw(); }

  const DO = {
    in: () => magnify(1.6), out: () => magnify(1 / 1.6), fit: () => magnify(0),
    open: () => setAll(true), shut: () => setAll(false),
  };
  byId("gantt").addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) DO[button.dataset.do]();
  });
  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "BUTTON") return;
    const item = event.target.closest('[role="treeitem"]');
    if (!item) return;
    const items = everyItem(), at = items.indexOf(item), is = (key) => event.key === key;
    const branchOf = item.show ? item : item.parentElement.closest('[role="treeitem"]');
    const open = branchOf.getAttribute("aria-expanded") === "true";
    let to = null;
    if (is("ArrowDown")) to = items[at + 1];
    else if (is("ArrowUp")) to = items[at - 1];
    else if (is("Home")) to = items[0];
    else if (is("End")) to = items[items.length - 1];
    else if (is("ArrowRight") && item.show) { if (open) to = items[at + 1]; else item.show(true); }
    else if (is("ArrowLeft")) { if (item !== branchOf) to = branchOf; else if (open) item.show(false); }
    else if ((is("Enter") || is(" ")) && item.show) item.show(!open);
    else if (is("+") || is("=")) DO.in();
    else if (is("-")) DO.out();
    else if (is("0")) DO.fit();
    else return;
    event.preventDefault();
    if (to) reach(to);
  });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    magnify(event.deltaY < 0 ? 1.25 : 0.8, event.clientX - frame.getBoundingClientRect().left);
  }, { passive: false });

  function point(element, x, y) {
    const item = element.closest(".leaf, .head");
    if (!item) { tip.hidden = true; return; }
    tip.textContent = (item.row ? told(item.row) : item.told).join("\n");
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(x + 14, innerWidth - width - 8));
    const top = y + 18 + height > innerHeight ? y - height - 12 : y + 18;
    tip.style.left = left + "px";
    tip.style.top = Math.max(8, top) + "px";
  }
  tree.addEventListener("pointermove", (event) => point(event.target, event.clientX, event.clientY));
  tree.addEventListener("pointerleave", () => { tip.hidden = true; });
  frame.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  tree.addEventListener("focusin", (event) => {
    const item = event.target;
    if (!item.matches(":focus-visible") || item.tagName === "BUTTON") return;
    const place = (item.show ? item.firstChild : item).getBoundingClientRect();
    point(item.show ? item.firstChild : item, place.left + 24, place.bottom - 12);
  });
  tree.addEventListener("focusout", () => { tip.hidden = true; });

  byId("gantt-critical").addEventListener("change", (event) => { criticalOnly = event.target.checked; draw(); });
  byId("gantt-find").addEventListener("input", (event) => {
    find = event.target.value.trim().toLowerCase();
    if (find !== "") for (const group of data.groups) group.open = true;
    draw();
  });

  const KEY = data.criticality
    ? [["x0", "critical in <5%"], ["x1", "5%"], ["x2", "25%"], ["x3", "50%"], ["x4", "75% of trials or more"]]
    : [["", "activity"], ["critical", "critical path"]];
  const marks = KEY.map(([name, text]) => ["bar " + name, text]);
  const uses = (test) => data.groups.some((group) => group.rows.some(test));
  if (uses((row) => row.g === 2)) marks.push(["bar done", "finished"]);
  if (uses((row) => row.g === 1)) marks.push(["bar way", "under way"]);
  if (uses((row) => row.m)) marks.push(["bar point", "milestone"]);
  if (uses((row) => row.t > 0 && !row.c)) marks.push(["slack", "float"]);
  if (uses((row) => row.w)) marks.push(["wait", "waiting"]);
  if (uses((row) => row.p !== undefined)) marks.push(["promise", "promised"]);
  byId("gantt-legend").replaceChildren(...marks.map(([name, text]) => {
    const entry = make("li"), swatch = make("span", "swatch");
    swatch.append(make("i", name));
    entry.append(swatch, text);
    return entry;
  }));

  draw();
  scale();
  let width = frame.clientWidth;
  new ResizeObserver(() => {
    if (frame.clientWidth !== width) { width = frame.clientWidth; scale(); }
  }).observe(frame);
})();
