// SPDX-License-Identifier: Apache-2.0
// A reason: its code, in the colour of its family. Code and word carry it, the colour only helps.
import "./reason_chip.css";

const families = [
  { letter: "N", name: "missing" },
  { letter: "C", name: "confidence" },
  { letter: "T", name: "training" },
  { letter: "Q", name: "sequence" },
  { letter: "S", name: "image" },
  { letter: "B", name: "box" },
  { letter: "A", name: "stability" },
  { letter: "X", name: "anomaly" },
] as const;

export function ReasonChip({ code, name }: { code: string; name?: string }) {
  const family = families.find(({ letter }) => letter === code[0])?.name ?? "anomaly";
  return (
    <span className={`chip ${family}`} title={name}>
      {code}
    </span>
  );
}
