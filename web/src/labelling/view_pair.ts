// SPDX-License-Identifier: Apache-2.0
// Two images side by side, of whatever sizes, that show the same part of themselves.
import { fitted, type Size, type View } from "./geometry";

/**
 * How an image is seen in a frame so that it shows what `view` shows of `other` in the other frame;
 * `most`: screen px per px when fitted, as both views have it.
 */
export function alike(view: View, other: Size, otherScreen: Size, image: Size, screen: Size, most?: number): View {
  const whole = fitted(image, screen, most);
  const scale = (whole.scale * view.scale) / fitted(other, otherScreen, most).scale;
  const middle = { x: (otherScreen.width / 2 - view.x) / (view.scale * other.width), y: (otherScreen.height / 2 - view.y) / (view.scale * other.height) };
  return { scale, x: screen.width / 2 - middle.x * image.width * scale, y: screen.height / 2 - middle.y * image.height * scale };
}
