/**
 * The commands that the proxy answers itself, in Redis's words: what clients ask about their
 * connection and each other, about users and commands, and about the proxy or its nodes as if these
 * were one server. Handlers are found by the row of the command.
 */
@NullMarked
package io.cashew.proxy.client.answer;

import org.jspecify.annotations.NullMarked;
