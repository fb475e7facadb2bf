package io.cashew.proxy.route.gather;

import io.cashew.proxy.resp.ReplyValue;
import java.util.List;

/**
 * What nodes have said to one request.
 *
 * @param values their replies, none of which is an error, in the order of the nodes
 * @param nodes the names of those that have answered, in the same order
 * @param arguments of the request, the command's name included
 */
public record NodeReplies(List<ReplyValue> values, List<String> nodes, List<String> arguments) {
  ReplyValue first() {
    return values.get(0);
  }
}
