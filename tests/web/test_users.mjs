// SPDX-License-Identifier: Apache-2.0
// Who may come in: the first administrator, users and their roles, tokens, passwords; each step as a person does it in the browser.
import assert from "node:assert/strict";
import { Trommel, main, note, openPage, temporary, test, until } from "./web.mjs";

const [ROOT, RITA, LATER] = ["rotating sieve 1", "quiet reader 22", "louder reader 3"];
let server, root, rita, secret;

const button = (page, name) => page.getByRole("button", { name, exact: true });
const field = (page, name) => page.getByRole("textbox", { name, exact: true });
const dialog = (page, name) => page.getByRole("dialog", { name }).or(page.getByRole("alertdialog", { name }));
const row = (page, name) => page.getByRole("row").filter({ hasText: name });
const tab = async (page, name) => {
  await page.goto(`${server.url}/ui/settings`);
  await page.getByRole("tab", { name, exact: true }).click();
};
const asked = (path, token, method = "GET", body) =>
  fetch(`${server.url}/api/v1${path}`, { method, headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": "application/json" }) }, body: body && JSON.stringify(body) });

async function enter(page, name, password) {
  await field(page, "User").fill(name);
  await field(page, "Password").fill(password);
  await button(page, "Sign in").click();
}
async function signIn(name, password) {
  const page = await openPage(server, "/datasets");
  page.keep = true;
  await enter(page, name, password);
  return page;
}
const isIn = (page, name) => button(page, name).waitFor();

test("the address that the server prints makes the first administrator, once", async () => {
  root = await openPage(server, `/?setup=${server.greeting.first_token}`);
  root.keep = true;
  await root.getByRole("heading", { name: "Set up Trommel" }).waitFor();
  assert.ok(!root.url().includes("setup="), "the token stays in the address");
  await field(root, "User").fill("root");
  await field(root, "Password").fill("short");
  await field(root, "Password, again").fill("short");
  await button(root, "Create").click();
  await until("a short password is refused at its field", async () => (await field(root, "Password").getAttribute("aria-invalid")) === "true");
  await field(root, "Password").fill(ROOT);
  await field(root, "Password, again").fill(ROOT);
  await button(root, "Create").click();
  await isIn(root, "root");
  const again = await openPage(server, `/?setup=${server.greeting.first_token}`);
  await field(again, "User").fill("eve");
  await field(again, "Password").fill(ROOT);
  await field(again, "Password, again").fill(ROOT);
  await button(again, "Create").click();
  await again.getByRole("alert").or(again.locator("[aria-invalid=true]")).first().waitFor();
  note("the first token made root, and nobody after");
});

test("the administrator adds a reader", async () => {
  await tab(root, "Users");
  await row(root, "root").getByText("you").waitFor();
  await button(root, "Add user").click();
  const sheet = dialog(root, "Add user");
  await field(sheet, "Name").fill("Rita!");
  await sheet.getByRole("radio", { name: /Reader/ }).check({ force: true });
  await field(sheet, "Password").fill(RITA);
  await button(sheet, "Add").click();
  await until("a bad name is told at its field", async () => (await field(sheet, "Name").getAttribute("aria-invalid")) === "true");
  await field(sheet, "Name").fill("rita");
  await button(sheet, "Add").click();
  await sheet.waitFor({ state: "hidden" });
  await row(root, "rita").getByText("Reader").waitFor();
});

test("a dialog closes by Escape although its button went grey under the focus", async () => {
  await button(root, "Add user").click();
  const sheet = dialog(root, "Add user");
  await field(sheet, "Name").fill("slow");
  await field(sheet, "Password").fill(RITA);
  let go;
  const held = new Promise((done) => (go = done));
  await root.route("**/api/v1/users", async (route) => (await held, route.abort()), { times: 1 });
  await button(sheet, "Add").focus();
  await root.keyboard.press("Enter");
  await until("the focus is nowhere", () => root.evaluate(() => document.activeElement === document.body));
  await root.keyboard.press("Escape");
  await sheet.waitFor({ state: "hidden" });
  go();
});

test("the reader signs in elsewhere, sees what there is and is told why nothing can be changed", async () => {
  rita = await signIn("rita", "wrong password");
  note(await rita.getByRole("alert").textContent());
  await field(rita, "Password").fill(RITA);
  await button(rita, "Sign in").click();
  await isIn(rita, "rita");
  const create = button(rita, "Create").first();
  await create.waitFor();
  assert.equal(await create.getAttribute("aria-disabled"), "true");
  assert.match((await create.getAttribute("aria-description")) ?? "", /administrator/);
  await tab(rita, "Account");
  await rita.getByText("Reader").first().waitFor();
  assert.equal(await rita.getByRole("tab", { name: "Users", exact: true }).count(), 0);
  await rita.goto(`${server.url}/ui/settings?tab=users`);
  await rita.getByRole("tab", { name: "Appearance", selected: true }).waitFor();
  assert.equal((await rita.evaluate(() => fetch("/api/v1/users"))).status ?? 403, 403);
});

test("another role ends her session, and holds when she is back", async () => {
  for (const [name, mayCreate] of [["Administrator", true], ["Annotator", false]]) {
    await button(root, "Change rita").click();
    await root.getByRole("menuitem", { name }).click();
    await row(root, "rita").getByText(name).waitFor();
    await rita.goto(`${server.url}/ui/datasets`);
    await enter(rita, "rita", RITA);
    const create = button(rita, "Create").first();
    await create.waitFor();
    assert.equal((await create.getAttribute("aria-disabled")) !== "true", mayCreate);
  }
  note("an administrator while it was so, an annotator after");
});

test("a token is shown once, lets a script in as far as it may, and no longer when it is revoked", async () => {
  await tab(rita, "API tokens");
  await button(rita, "Create token").click();
  const sheet = dialog(rita, "Create token");
  await field(sheet, "Name").fill("script");
  await sheet.getByRole("button", { name: /May do/ }).click();
  await rita.getByRole("option", { name: "Administrator" }).waitFor({ state: "detached" });
  await rita.getByRole("option", { name: /Reader/ }).click();
  await button(sheet, "Create").click();
  const shown = dialog(rita, "Token script");
  secret = (await shown.locator("code").first().textContent()) ?? "";
  assert.match(secret, /^trommel_[0-9a-z]{43}$/);
  await button(shown, "Done").click();
  await row(rita, "script").getByText("never").waitFor();
  const statuses = [await asked("/datasets", secret), await asked("/datasets", secret, "POST", { name: "d" }), await asked("/datasets", "trommel_no")].map(({ status }) => status);
  assert.deepEqual(statuses, [200, 403, 401]);
  await button(row(rita, "script"), "Revoke").click();
  await row(rita, "script").waitFor({ state: "detached" });
  assert.equal((await asked("/datasets", secret)).status, 401);
  note("a token: read 200, write 403; revoked 401");
});

test("the password is changed by who knows it, and other sessions end", async () => {
  const elsewhere = await signIn("rita", RITA);
  await isIn(elsewhere, "rita");
  await tab(rita, "Account");
  await field(rita, "Password as it is").fill("not this one at all");
  await field(rita, "New password").fill(LATER);
  await field(rita, "New password again").fill(LATER);
  await button(rita, "Change password").click();
  await rita.getByRole("alert").or(rita.locator("[aria-invalid=true]")).first().waitFor();
  await field(rita, "Password as it is").fill(RITA);
  await button(rita, "Change password").click();
  await rita.getByText("The password is changed").first().waitFor();
  await rita.goto(`${server.url}/ui/datasets`);
  await isIn(rita, "rita");
  await elsewhere.reload();
  await button(elsewhere, "Sign in").waitFor();
  await enter(elsewhere, "rita", LATER);
  await isIn(elsewhere, "rita");
});

test("who is disabled is out, and who is deleted is gone", async () => {
  await button(root, "Change rita").click();
  await root.getByRole("menuitem", { name: "Disable" }).click();
  await row(root, "rita").getByText("Disabled").waitFor();
  await rita.reload();
  await button(rita, "Sign in").waitFor();
  await button(root, "Change rita").click();
  await root.getByRole("menuitem", { name: "Delete…" }).click();
  await button(dialog(root, "Delete rita?"), "Delete").click();
  await row(root, "rita").waitFor({ state: "detached" });
});

test("the last administrator cannot be taken away", async () => {
  await button(root, "Change root").click();
  await root.getByRole("menuitem", { name: "Reader" }).click();
  const told = root.getByRole("alert").first();
  await told.waitFor();
  note(await told.textContent());
  await row(root, "root").getByText("Administrator").waitFor();
});

test("signing out ends it", async () => {
  await button(root, "root").click();
  await root.getByRole("menuitem", { name: "Sign out" }).click();
  await button(root, "Sign in").waitFor();
  await root.reload();
  await button(root, "Sign in").waitFor();
});

await main(
  async () => {
    server = await new Trommel(temporary()).serve("--auth", "password");
  },
  { isWalk: true },
);
