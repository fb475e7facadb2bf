package io.cashew.proxy.config;

import java.util.Optional;

/**
 * The admin address.
 *
 * @param listen where HTTP is served; empty: nowhere
 */
public record AdminSettings(Optional<Address> listen) {}
