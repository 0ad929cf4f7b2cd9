package dev.pyro.model;

import java.util.List;

/**
 * The environments that Pyro knows: its own, and behind them what else is installed.
 *
 * @param catalogVersion the version of the list of its own ones
 * @param environments the environments, in the order in which they are to be shown
 */
public record EnvironmentCatalogue(String catalogVersion, List<Environment> environments) {
    public EnvironmentCatalogue {
        environments = List.copyOf(environments);
    }
}
