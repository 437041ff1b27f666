// SPDX-License-Identifier: Apache-2.0
// Keys pressed in Review, and how long the next image takes.

/** Presses keys so many times a second, whatever the page does meanwhile. */
export async function typeAt(page, keys, hertz) {
  const client = await page.context().newCDPSession(page);
  const start = performance.now();
  const done = [];
  for (const [at, key] of keys.entries()) {
    await new Promise((wait) => setTimeout(wait, Math.max(0, start + (at * 1000) / hertz - performance.now())));
    const isDigit = /\d/.test(key);
    const event = { key, code: isDigit ? `Digit${key}` : `Key${key.toUpperCase()}`, text: key, windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0) };
    done.push(client.send("Input.dispatchKeyEvent", { type: "keyDown", ...event }), client.send("Input.dispatchKeyEvent", { type: "keyUp", ...event }));
  }
  await Promise.all(done);
  return (keys.length * 1000) / (performance.now() - start);
}

/** Presses F so many times, each when the image before is there; milliseconds from each key to the frame in which the next one is painted. */
export async function timeKeys(page, count) {
  await page.evaluate(() => {
    window.spans = [];
    let pressed = 0;
    window.addEventListener("keydown", (event) => event.code === "KeyF" && (pressed = performance.now()), true);
    const observer = new MutationObserver((changes) => {
      if (pressed === 0 || !changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.matches?.("img.picture") && node.complete))) return;
      const from = pressed;
      pressed = 0;
      requestAnimationFrame(() => setTimeout(() => window.spans.push(performance.now() - from)));
    });
    observer.observe(document.querySelector(".stage"), { subtree: true, childList: true });
  });
  const start = performance.now();
  for (let at = 0; at < count; at++) {
    const before = await page.evaluate(() => window.spans.length);
    await page.keyboard.press("f");
    await page.waitForFunction((known) => window.spans.length > known, before);
  }
  return { spans: await page.evaluate(() => window.spans), seconds: (performance.now() - start) / 1000 };
}
