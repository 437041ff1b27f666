// SPDX-License-Identifier: Apache-2.0
// A model comes from this computer, or is on the server's machine already; what is not said is guessed, and told afterwards.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { forgetFile, sendFile, uploadName } from "../../api/paths";
import { asProblem } from "../../api/problem";
import { cliLine } from "../../cli/cli_line";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { Radios, Select, TextField } from "../../widgets/field";
import { FilePick } from "../../widgets/file_pick";
import { PathField } from "../../widgets/path_field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { labelsOf } from "./labels";
import "./import_model.css";

export function ImportModel({ onClose, onImported }: { onClose: () => void; onImported: (model: Schemas["Model"]) => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [way, setWay] = useState<"send" | "there">("send");
  const [picked, pick] = useState<File | null>(null);
  const [path, setPath] = useState("");
  const [name, setName] = useState("");
  const [type, setType] = useState("guess");
  const [labels, setLabels] = useState("");
  const listed = labelsOf(labels);
  const given = { name: name || undefined, model_type: type === "guess" ? undefined : type, labels: listed.length > 0 ? listed : undefined };
  const imported = useMutation({
    mutationFn: async () => {
      const sent = way === "send" && picked ? uploadName(picked.name) : null;
      try {
        const file = sent && picked ? await sendFile(picked, sent) : path;
        // What is sent has a name of its own: the model takes that of the file it was.
        const called = given.name ?? (sent ? picked?.name.replace(/\.onnx$/i, "").replaceAll(/[^\w.-]/g, "_") : undefined);
        return await ask(client.POST("/api/v1/models", { body: { file, ...given, name: called } as never }));
      } finally {
        if (sent) await forgetFile(sent);
      }
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["models"] }),
  });
  const problem = imported.error ? asProblem(imported.error) : null;
  const isReady = way === "send" ? picked !== null : path !== "";
  if (imported.data) return <Imported reply={imported.data} onClose={() => onImported(imported.data.model)} />;
  return (
    <Sheet
      title={i18n._("Import model")}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          {way === "there" && path !== "" && <CopyCli line={cliLine(["model", "import", path], given)} />}
          <span className="grow" />
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={imported.isPending} why={!isReady && i18n._("Choose a file first.")} onPress={() => imported.mutate()}>
            {imported.isPending ? i18n._("Importing…") : i18n._("Import")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Radios
          label={i18n._("The ONNX file is")}
          value={way}
          onChange={(chosen) => setWay(chosen as "send" | "there")}
          choices={[
            { id: "send", name: i18n._("On this computer") },
            { id: "there", name: i18n._("On the server's machine") },
          ]}
        />
        {way === "send" ? (
          <FilePick label={i18n._("Model file")} accept={[".onnx"]} file={picked} onPick={pick} help={i18n._("Drop an .onnx file here, or choose one.")} error={problem?.about("/file")} />
        ) : (
          <PathField label={i18n._("File")} help={i18n._("An .onnx file; a model.json beside it is read.")} value={path} onChange={setPath} error={problem?.about("/file")} files="model" wants="file" isRequired />
        )}
        <TextField label={i18n._("Name")} help={i18n._("Empty: the file's name. A name that is there already gets a new version.")} value={name} onChange={setName} error={problem?.about("/name")} />
        <Select
          label={i18n._("Model Type")}
          value={type}
          onChange={setType}
          error={problem?.about("/model_type")}
          choices={[
            { id: "guess", name: i18n._("As the file's outputs say") },
            { id: "image_classification", name: i18n._("Image classification") },
            { id: "object_detection", name: i18n._("Object detection") },
          ]}
        />
        <TextField
          label={i18n._("Labels")}
          help={listed.length > 0 ? i18n._("{count, plural, one {# label} other {# labels}}", { count: listed.length }) : i18n._("One a line in the order of the scores, when no model.json has them.")}
          value={labels}
          onChange={setLabels}
          lines={5}
          error={problem?.about("/labels")}
        />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}

function Imported({ reply, onClose }: { reply: Schemas["ModelImported"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const { model, guesses } = reply;
  return (
    <Sheet
      title={i18n._("{name} {version} is imported", { name: model.name, version: model.version })}
      isOpen
      onOpenChange={onClose}
      footer={
        <Button look="primary" onPress={onClose}>
          {i18n._("Open the model")}
        </Button>
      }
    >
      <div className="stack">
        <p>{i18n._("It was tried with one inference. What nobody said was guessed: look it over, and test it on an image.")}</p>
        <dl className="guesses">
          {guesses.map((guess) => (
            <div key={guess.field}>
              <dt>
                <code>{guess.field}</code>
              </dt>
              <dd>
                <strong>{guess.value}</strong>
                <p className="soft small">{guess.why}</p>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Sheet>
  );
}
