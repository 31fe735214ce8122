"""Lets Debian's azure-cli 2.45 work with the azure-mgmt-authorization 3.0 that Debian ships beside it.

The CLI was written for 0.61: it reads `config` from operation groups, where 3.0 has `_config`, and passes `custom_headers` when it creates a role
assignment, which 3.0 does not know. Python loads this module by its name from PYTHONPATH; no file of the CLI is touched.
"""
import functools
import importlib.abc
import importlib.machinery
import sys

PACKAGE = "azure.mgmt.authorization."


def repair(module):
    for name, group in vars(module).items():
        if not (isinstance(group, type) and name.endswith("Operations")):
            continue
        if not hasattr(group, "config"):
            group.config = property(lambda self: self._config)
        if name == "RoleAssignmentsOperations":
            group.create = without_custom_headers(group.create)


def without_custom_headers(method):
    @functools.wraps(method)
    def call(*arguments, custom_headers=None, **options):
        return method(*arguments, **options)

    return call


class RepairingLoader(importlib.abc.Loader):
    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return self.loader.create_module(spec)

    def exec_module(self, module):
        self.loader.exec_module(module)
        repair(module)


class OperationsFinder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if not (name.startswith(PACKAGE) and name.endswith(".operations")):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = RepairingLoader(spec.loader)
        return spec


sys.meta_path.insert(0, OperationsFinder())
