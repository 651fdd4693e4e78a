# SPDX-License-Identifier: MIT
"""What Home Assistant would make of what a broker's client heard: entities with states and attributes, and its
templates, as far as ours go. Jinja2 itself renders them; a key that a message does not have is an error here."""
import datetime
import json

import jinja2

PLATFORMS = ('sensor', 'binary_sensor', 'event', 'button', 'number', 'select', 'text')


class Entity:
    """One component of a discovery message, and what its topics told it."""

    def __init__(self, key, component):
        self.key, self.component = key, component
        self.entity_id, self.platform = component['def_ent_id'], component['p']
        self.states = [] # one for each message, as the template renders it
        self.attributes = {}
        self.friendly_name, self.unavailable = None, False

    @property
    def state(self):
        """The last; what is unknown is said so."""
        if self.unavailable:
            return 'unavailable'
        if not self.states:
            return 'unknown'
        # a text takes every word for its own, also that one
        return self.states[-1] if self.states[-1] != 'None' or self.platform == 'text' else 'unknown'


class Assistant:
    @staticmethod
    def as_timestamp(value, default=None):
        try:
            return (value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(value)).timestamp()
        except (TypeError, ValueError):
            return default

    @staticmethod
    def timestamp_custom(value, form):
        """There in the time of the house."""
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc).strftime(form)

    def __init__(self, messages):
        self.templates = {}
        self.jinja = jinja2.Environment(undefined=jinja2.StrictUndefined)
        self.jinja.globals.update(states=self.states, is_state=self.is_state, has_value=self.has_value,
                                  state_attr=self.state_attr, as_timestamp=self.as_timestamp)
        self.jinja.tests['has_value'] = self.has_value
        self.jinja.filters['timestamp_custom'] = self.timestamp_custom
        self.entities = {}
        self.devices = {} # by topic: the last word on each
        for m in messages:
            if m.topic.startswith('homeassistant/device/') and m.text:
                self.devices[m.topic] = m.json
        for device in self.devices.values():
            for key, component in device['cmps'].items():
                if len(component) > 1:
                    entity = Entity(key, component)
                    assert entity.entity_id not in self.entities, entity.entity_id
                    self.entities[entity.entity_id] = entity
        for m in messages:
            if m.text and m.topic.startswith('strided/'):
                self.hear(m)
        said = {m.topic: m.text for m in messages}
        for device in self.devices.values():
            for entity in self.entities.values():
                if entity.component in device['cmps'].values():
                    entity.friendly_name = '%s %s' % (device['dev']['name'], entity.component['name'])
                    entity.unavailable = said.get(device['avty_t']) == 'offline'

    def hear(self, message):
        for entity in self.entities.values():
            component = entity.component
            if component.get('stat_t') == message.topic:
                entity.states.append(self.render_message(component['val_tpl'], message))
            if component.get('json_attr_t') == message.topic:
                template = component.get('json_attr_tpl', '{{ value }}')
                entity.attributes = json.loads(self.render_message(template, message))
            if entity.platform == 'event' and entity.states and entity.states[-1]:
                entity.attributes = json.loads(entity.states[-1])

    def render_message(self, template, message):
        return self.render(template, value=message.text, value_json=message.json)

    def render(self, template, **variables):
        """Each is compiled once."""
        if template not in self.templates:
            self.templates[template] = self.jinja.from_string(template)
        return self.templates[template].render(**variables)

    # ---- what its templates may call ----

    def states(self, entity_id, rounded=False, with_unit=False):
        entity = self.entities.get(entity_id)
        if not self.has_value(entity_id):
            return entity.state if entity else 'unknown'
        text = entity.state
        if rounded and 'sug_dsp_prc' in entity.component:
            text = '%.*f' % (entity.component['sug_dsp_prc'], float(text))
        if with_unit and 'unit_of_meas' in entity.component:
            text += ' ' + entity.component['unit_of_meas']
        return text

    def is_state(self, entity_id, state):
        """ON is 'on' there."""
        return self.has_value(entity_id) and self.states(entity_id).lower() == state

    def has_value(self, entity_id):
        return entity_id in self.entities and self.entities[entity_id].state not in ('unknown', 'unavailable')

    def state_attr(self, entity_id, name):
        """What is unavailable has its name alone."""
        entity = self.entities.get(entity_id)
        if entity is None or name == 'friendly_name':
            return entity and entity.friendly_name
        return None if entity.unavailable else entity.attributes.get(name)


def sample(component):
    """What a person could enter: both ends of a range, each of the options."""
    if component['p'] == 'number':
        return [component['min'], component['max'], (component['min'] + component['max']) / 2]
    return component['ops'] if component['p'] == 'select' else ['An "old" pair']


def requests(assistant, component):
    """The texts that it sends."""
    if component['p'] == 'button':
        return [component['pl_prs']]
    # a whole number is written as one
    values = [int(v) if isinstance(v, float) and v == int(v) else v for v in sample(component)]
    return [assistant.render(component['cmd_tpl'], value=v) for v in values]
