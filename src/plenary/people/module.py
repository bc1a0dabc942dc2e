from plenary.kit.manifest import Module

MODULE = Module(name="people", urls="plenary.people.urls")
