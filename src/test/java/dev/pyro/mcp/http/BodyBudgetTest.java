package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private static final int LARGE = 2 * BodyBudget.FREE_BYTES;

    private final BodyBudget budget = new BodyBudget(LARGE);

    @Test
    void isOfAllLargeBodiesTogether() {
        BodyBudget.Share first = budget.share();
        BodyBudget.Share second = budget.share();
        assertThat(first.growTo(LARGE)).isTrue();
        assertThat(first.growTo(LARGE + 1)).isFalse();
        assertThat(second.growTo(BodyBudget.FREE_BYTES + 1)).isFalse();
        first.release();
        first.release();
        assertThat(second.growTo(LARGE)).isTrue();
        assertThat(first.growTo(LARGE)).isFalse();
    }

    @Test
    void smallBodiesDoNotCount() {
        assertThat(budget.share().growTo(LARGE)).isTrue();
        BodyBudget.Share small = budget.share();
        assertThat(small.growTo(BodyBudget.FREE_BYTES)).isTrue();
        small.release();
        assertThat(budget.share().growTo(BodyBudget.FREE_BYTES + 1)).isFalse();
    }
}
