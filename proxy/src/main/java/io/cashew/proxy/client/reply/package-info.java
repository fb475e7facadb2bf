/**
 * The order of one client's replies: a place for each request, the bytes that come before their
 * turn, the messages between replies, and how much of all this may be held. Nothing here knows what
 * a request asks, or who answers it.
 */
@NullMarked
package io.cashew.proxy.client.reply;

import org.jspecify.annotations.NullMarked;
