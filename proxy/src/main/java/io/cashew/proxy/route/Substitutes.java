package io.cashew.proxy.route;

import io.cashew.proxy.backend.NodeFailure;
import org.jspecify.annotations.Nullable;

/**
 * What is given for keys in place of what their nodes say, in a reply that is made of one element a
 * key. Confined to the worker.
 */
public interface Substitutes {
  /**
   * The element of a key, as a reply to GET.
   *
   * @param key its number in the request, from 0
   * @param failure why its node says nothing; null: it says that there is no such key
   * @return null: there is none
   */
  byte @Nullable [] of(int key, @Nullable NodeFailure failure);
}
