"""What the metal would weigh in every alloy the house knows."""

from renders.report import AlloyWeight
from workflows.alloys import ALLOYS

_MM3_PER_CM3 = 1000.0


def weights_of(volume_mm3: float) -> tuple[AlloyWeight, ...]:
    """Grams per alloy, cast solid, before any finishing loss; densities as `workflows.alloys` states them."""
    return tuple(
        AlloyWeight(
            code,
            float(alloy.density_g_cm3),
            round(volume_mm3 / _MM3_PER_CM3 * float(alloy.density_g_cm3), 3),
        )
        for code, alloy in ALLOYS.items()
    )
