// SPDX-License-Identifier: Apache-2.0
// Trying a model on an image of this computer: the image goes to the server, is predicted, and is deleted there again.
import { useMutation } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useEffect, useMemo, useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { forgetFile, sendFile, uploadName } from "../../api/paths";
import { formatNumber } from "../../i18n/i18n";
import { Bars } from "../../widgets/bars";
import { BoxedPicture } from "../../widgets/boxed_picture";
import { Button } from "../../widgets/button";
import { FilePick } from "../../widgets/file_pick";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { Skeleton } from "../../widgets/skeleton";
import { predictionOf, type Prediction } from "./prediction";
import "./model.css";

const IMAGES = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"];
const share = (score: number) => formatNumber(score, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function TestModel({ model, onClose }: { model: Schemas["Model"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const [picked, pick] = useState<File | null>(null);
  const tried = useMutation({
    mutationFn: async (file: File) => {
      const name = uploadName(file.name);
      try {
        const image = await sendFile(file, name);
        const answer = await ask(client.POST("/api/v1/models/{model}/test", { params: { path: { model: model.id } }, body: { image } }));
        return predictionOf(answer.prediction);
      } finally {
        await forgetFile(name);
      }
    },
  });
  return (
    <Sheet
      title={i18n._("Test {name} {version}", { name: model.name, version: model.version })}
      width="wide"
      isOpen
      onOpenChange={onClose}
      footer={<Button onPress={onClose}>{i18n._("Close")}</Button>}
    >
      <div className="stack">
        <FilePick
          label={i18n._("Image")}
          help={i18n._("Drop an image here, or choose one. It is sent to the server, predicted, and deleted there again.")}
          accept={IMAGES}
          file={picked}
          onPick={(file) => {
            pick(file);
            tried.mutate(file);
          }}
        />
        {picked && (
          <div className="model-test">
            <Picked file={picked} boxes={tried.data?.boxes ?? []} />
            <div className="stack tight" aria-live="polite">
              {tried.isPending && <Skeleton rows={5} height={28} />}
              {tried.error && <ProblemBlock thrown={tried.error} onRetry={() => tried.mutate(picked)} compact />}
              {tried.data && <Said prediction={tried.data} type={model.model_type} />}
            </div>
          </div>
        )}
      </div>
    </Sheet>
  );
}

/** The image as the browser reads it; its size is known once it is loaded. */
function Picked({ file, boxes }: { file: File; boxes: Prediction["boxes"] }) {
  const src = useMemo(() => URL.createObjectURL(file), [file]);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const image = new Image();
    image.onload = () => setSize({ width: image.naturalWidth, height: image.naturalHeight });
    image.src = src;
  }, [src]);
  useEffect(() => () => URL.revokeObjectURL(src), [src]);
  return (
    <div className="model-picture">
      <BoxedPicture key={src} src={src} {...size} boxes={boxes} hasNames label={file.name} />
    </div>
  );
}

function Said({ prediction, type }: { prediction: Prediction; type: string }) {
  const { i18n } = useLingui();
  if (type === "object_detection") {
    if (prediction.boxes.length === 0) return <p className="soft">{i18n._("It finds nothing in this image.")}</p>;
    return (
      <>
        <h3>{i18n._("{count, plural, one {# box} other {# boxes}}", { count: prediction.boxes.length })}</h3>
        <Bars label={i18n._("Boxes")} of={1} bars={prediction.boxes.map(({ label, score }, at) => ({ id: String(at), name: label, value: score, words: share(score) }))} />
      </>
    );
  }
  return (
    <>
      <h3>{i18n._("Top predictions")}</h3>
      <Bars label={i18n._("Top predictions")} of={1} bars={prediction.scores.map(({ label, score }) => ({ id: label, name: label, value: score, words: share(score) }))} />
    </>
  );
}
