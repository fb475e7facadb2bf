/** Who owns which keys at one moment: shards, their servers, and where topologies come from. */
@NullMarked
package io.cashew.proxy.topology;

import org.jspecify.annotations.NullMarked;
