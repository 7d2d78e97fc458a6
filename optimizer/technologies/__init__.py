"""Every technology Qaidam knows: the key in a scenario file, and the class. A new one is one new file and one line here."""

from __future__ import annotations

from optimizer.technologies.base import Technology
from optimizer.technologies.cluster import Cluster
from optimizer.technologies.cooling import Cooling
from optimizer.technologies.elastic import Elastic
from optimizer.technologies.genset import Genset
from optimizer.technologies.green_supply import GreenSupply
from optimizer.technologies.grid import Grid
from optimizer.technologies.jobs import Jobs
from optimizer.technologies.load import Load
from optimizer.technologies.power_train import PowerTrain
from optimizer.technologies.queue import Queue
from optimizer.technologies.service import Service
from optimizer.technologies.solar import Solar
from optimizer.technologies.station import Station
from optimizer.technologies.storage import Storage
from optimizer.technologies.wind import Wind

TECHNOLOGIES: dict[str, type[Technology]] = {
    "solar": Solar,
    "wind": Wind,
    "storage": Storage,
    "station": Station,
    "genset": Genset,
    "grid": Grid,
    "green_supply": GreenSupply,
    "load": Load,
    "power_train": PowerTrain,
    "cooling": Cooling,
    "cluster": Cluster,
    "service": Service,
    "jobs": Jobs,
    "elastic": Elastic,
    "queue": Queue,
}
