package io.cashew.proxy.command;

/** What a row may say of its command behind name, arity and keys; in any order. */
sealed interface Trait
    permits CommandFlag,
        AclCategory,
        RequestPolicy,
        ResponsePolicy,
        OutputTip,
        Why,
        BlocksOn,
        BlocksFor,
        Subcommands,
        Order,
        Property,
        Sent {}
