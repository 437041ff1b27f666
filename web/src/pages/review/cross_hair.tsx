// SPDX-License-Identifier: Apache-2.0
// Where the next point of a box will be: two lines over the whole frame, one pixel thin at any zoom, and the place in numbers.
import { drawn, type Editor } from "../../labelling/box_editor";
import { toScreen, type Size, type View } from "../../labelling/geometry";

export function CrossHair({ editor, view, screen }: { editor: Editor; view: View; screen: Size }) {
  const { cursor, tool } = editor;
  const points = tool.kind === "draw" ? tool.points : [];
  const dots = points.map((point, at) => <circle key={at} r={4} className="cross-point" {...centre(toScreen(view, point))} />);
  if (!cursor) return dots;
  const { x, y } = toScreen(view, { x: Math.round(cursor.x), y: Math.round(cursor.y) });
  const [left, top] = [Math.round(x) + 0.5, Math.round(y) + 0.5];
  const lines = `M0 ${top}H${screen.width}M${left} 0V${screen.height}`;
  const begun = drawn(editor);
  const words = begun ? `${begun.xmax - begun.xmin} × ${begun.ymax - begun.ymin}` : `${Math.round(cursor.x)}, ${Math.round(cursor.y)}`;
  const isRight = left > screen.width - 90;
  const isLow = top > screen.height - 40;
  return (
    <>
      <path d={lines} className="cross-rim" />
      <path d={lines} className="cross-line" />
      {dots}
      <text x={left + (isRight ? -8 : 8)} y={top + (isLow ? -8 : 18)} textAnchor={isRight ? "end" : "start"} className="cross-words">
        {words}
      </text>
    </>
  );
}
const centre = ({ x, y }: { x: number; y: number }) => ({ cx: x, cy: y });
