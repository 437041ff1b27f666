// SPDX-License-Identifier: Apache-2.0
declare module "*.po" {
  export const messages: Record<string, string>;
}
