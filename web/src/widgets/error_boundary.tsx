// SPDX-License-Identifier: Apache-2.0
import { Component, type ReactNode } from "react";
import { ProblemBlock } from "./problem_block";

/** A page that breaks says so in its place; the rest of the console stays. */
export class ErrorBoundary extends Component<{ children: ReactNode; broken?: (thrown: unknown, retry: () => void) => ReactNode }, { thrown: unknown }> {
  override state = { thrown: null as unknown };
  static getDerivedStateFromError(thrown: unknown) {
    return { thrown };
  }
  override render() {
    if (this.state.thrown === null) return this.props.children;
    const retry = () => this.setState({ thrown: null });
    return this.props.broken?.(this.state.thrown, retry) ?? <ProblemBlock thrown={this.state.thrown} onRetry={retry} />;
  }
}
