package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.tar.SparseMap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RegionListTest {
    private static List<Long> numbers(RegionList list) {
        SparseMap map = list.map();
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < map.count(); i++) {
            numbers.add(map.offset(i));
            numbers.add(map.length(i));
        }
        return numbers;
    }

    @Test
    void shortHolesAreContent() {
        RegionList list = new RegionList(10);
        list.add(9, 20);
        list.add(29, 30);
        list.add(40, 41);
        list.add(50, 50);
        assertThat(numbers(list)).containsExactly(0L, 30L, 40L, 10L);
        assertThat(list.filledBytes()).isZero();
    }

    @Test
    void aFileOfOneHoleHasNoContentUnlessItIsShort() {
        RegionList list = new RegionList(10);
        list.add(10, 10);
        assertThat(numbers(list)).isEmpty();
        RegionList content = new RegionList(10);
        content.add(9, 9);
        assertThat(numbers(content)).containsExactly(0L, 9L);
    }

    @Test
    void ofTooManyHolesTheShortestAreFilled() {
        RegionList list = new RegionList(1, 4);
        list.add(0, 10);
        list.add(12, 20);
        list.add(1000, 1010);
        list.add(1013, 1020);
        list.add(5000, 5010);
        assertThat(numbers(list)).containsExactly(0L, 20L, 1000L, 20L, 5000L, 10L);
        assertThat(list.filledBytes()).isEqualTo(5);
    }
}
