/**
 * What all other packages of the client's side see: {@link io.cashew.proxy.client.Client} is one
 * client to those who answer its requests, {@link io.cashew.proxy.client.PoolPart} is its pool on
 * one worker. Besides these two, the settings, the words of replies and refusals, and what is noted
 * of requests. It imports none of the packages below it in the tree: those import it.
 */
@NullMarked
package io.cashew.proxy.client;

import org.jspecify.annotations.NullMarked;
