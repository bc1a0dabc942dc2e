// The queue by keyboard. It is the page's own form that is sent; without script the same form, buttons and pages work.
"use strict";

{
  const form = document.querySelector("[data-queue]");
  const list = form && form.querySelector("[data-items]");
  const dialog = document.querySelector("[data-reasons]");
  const FEW = 20; // as soon as fewer are left, the next ones come

  const items = () => [...list.querySelectorAll("[data-item]")];
  const boxOf = (item) => item.querySelector("[name=statement]");
  const isIn = () => list.contains(document.activeElement);
  const here = () => document.activeElement.closest("[data-item]");
  const goTo = (item) => {
    if (!item) return;
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  };
  const reached = () => {
    const chosen = items().filter((item) => boxOf(item).checked);
    return chosen.length ? chosen : [here()].filter(Boolean);
  };

  let last = []; // what was decided last: the items, and what stood after them
  let busy = false;
  let isAll = false;

  const more = async () => {
    const all = items();
    if (isAll || all.length >= FEW) return;
    const address = new URL(location.href);
    const from = Math.max(0, ...[...all, ...last.map(([item]) => item)].map((item) => Number(item.dataset.number)));
    address.searchParams.delete("page");
    address.searchParams.set("after", from);
    const answer = await fetch(address);
    if (!answer.ok) return;
    const piece = document.createElement("template");
    piece.innerHTML = await answer.text();
    const known = new Set(items().map((item) => item.dataset.item));
    const fresh = [...piece.content.querySelectorAll("[data-item]")].filter((item) => !known.has(item.dataset.item));
    isAll = !fresh.length;
    list.append(...fresh);
  };

  const send = async (decision, references, reason = "", remark = "") => {
    if (busy || !references.length) return null;
    busy = true;
    form.setAttribute("aria-busy", "true");
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const each of references) body.append("statement", each);
    body.set("decision", decision);
    body.set("reason", reason);
    body.set("remark", remark);
    try {
      const answer = await fetch(location.href, { method: "POST", body, headers: { "X-Queue": "1" } });
      const told = await answer.json();
      announce(told.said);
      return answer.ok ? told : null;
    } catch {
      announce(form.dataset.failed);
      return null;
    } finally {
      busy = false;
      form.removeAttribute("aria-busy");
    }
  };

  const decide = async (decision, reason, remark) => {
    const chosen = reached();
    const told = await send(decision, chosen.map((item) => item.dataset.item), reason, remark);
    if (!told) return;
    const all = items();
    const next = all.slice(all.indexOf(chosen[chosen.length - 1]) + 1).find((item) => !chosen.includes(item));
    const before = all.slice(0, all.indexOf(chosen[0])).reverse().find((item) => !chosen.includes(item));
    last = chosen.map((item) => [item, item.nextElementSibling]);
    for (const item of chosen) {
      boxOf(item).checked = false;
      item.remove();
    }
    await more();
    goTo(next || before || items()[0]);
    if (!items().length) announce(form.dataset.end);
  };

  const undo = async () => {
    if (!last.length) {
      announce(form.dataset.nothing);
      return;
    }
    const told = await send("undo", last.map(([item]) => item.dataset.item));
    if (!told) return;
    for (const [item, after] of [...last].reverse()) {
      if (after && after.parentNode === list) after.before(item);
      else list.append(item);
    }
    goTo(last[0][0]);
    last = [];
  };

  const askWhy = () => {
    if (!reached().length) return;
    const from = here();
    dialog.querySelector("[name=remark]").value = "";
    dialog.returnValue = "";
    dialog.showModal();
    dialog.addEventListener("close", () => {
      goTo(from);
      const remark = dialog.querySelector("[name=remark]").value.trim();
      if (dialog.returnValue === "-own-" && remark) decide("rejected", "", remark);
      else if (dialog.returnValue && dialog.returnValue !== "-own-") decide("rejected", dialog.returnValue, remark);
    }, { once: true });
  };

  const select = () => {
    const box = here() && boxOf(here());
    if (!box) return;
    box.checked = !box.checked;
    const count = items().filter((item) => boxOf(item).checked).length;
    announce(form.dataset.selected.replace("{count}", count));
  };

  const move = (by) => {
    const all = items();
    goTo(all[Math.min(all.length - 1, Math.max(0, all.indexOf(here()) + by))]);
  };

  const follow = (kind) => {
    const link = here() && here().querySelector(`[data-${kind}]`);
    if (link) link.click();
  };

  const acts = {
    j: () => move(1), ArrowDown: () => move(1), k: () => move(-1), ArrowUp: () => move(-1), x: select,
    a: () => decide("accepted"), r: askWhy, u: undo, e: () => follow("edit"), m: () => follow("merge"),
  };

  if (form) {
    // Into the list by the tabulator: its first item takes the focus, and the keys move on from there.
    if (items()[0]) items()[0].tabIndex = 0;
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (dialog.open) {
        const button = /^[1-9]$/.test(event.key) && !event.target.matches("input") && dialog.querySelectorAll("li button")[event.key - 1];
        if (button) {
          event.preventDefault();
          button.click();
        }
        return;
      }
      const act = isIn() && acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
      event.preventDefault();
      act();
    });
  }
}
