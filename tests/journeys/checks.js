// What every page has to pass, asked in the page itself: what sticks out, what is cut off, which texts people read.
() => {
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const skipped = ".skip, .unseen, [aria-hidden=true], [aria-hidden=true] *, video, svg, svg *";
  const scrolls = (element) => {
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(one).overflowX)) return true;
    }
    return false;
  };
  const name = (element) => `${element.tagName.toLowerCase()}.${element.className} "${element.textContent.trim().slice(0, 40)}"`;
  const elements = [...document.body.querySelectorAll("*")].filter((one) => isSeen(one) && !one.matches(skipped));
  const width = document.documentElement.clientWidth;
  const sticksOut = elements.filter((one) => {
    const { left, right } = one.getBoundingClientRect();
    return (right > width + 1 || left < -1) && !scrolls(one);
  });
  const cutOff = elements.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
    && getComputedStyle(one).display !== "inline" && ["hidden", "clip"].includes(getComputedStyle(one).overflowX));

  const page = document.documentElement.lang;
  const isForeign = (element) => element.closest("[lang]").lang !== page || element.closest("code, .brand, [data-who], select");
  const texts = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!isForeign(element) && !element.matches("script, style, template")) texts.push(walk.currentNode.textContent.trim());
  }
  for (const attribute of ["aria-label", "title", "placeholder", "alt", "data-busy"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      if (!isForeign(element)) texts.push(element.getAttribute(attribute));
    }
  }
  for (const { content } of document.querySelectorAll("template")) texts.push(content.textContent.trim());
  return {
    wider: document.documentElement.scrollWidth - width,
    sticksOut: sticksOut.map(name),
    cutOff: cutOff.map(name),
    texts: [document.title, ...texts.filter(Boolean)],
  };
}
