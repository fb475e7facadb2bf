/**
 * Spans of requests for OpenTelemetry: which requests become one, how they come from the workers to
 * the thread that exports them, and what of a request a span has.
 */
@NullMarked
package io.cashew.proxy.tracing;

import org.jspecify.annotations.NullMarked;
